import type { UploadedFile } from '../plugin/contract.ts';
import { CODE, ContractError } from './errors.ts';

/** A message as it came in, whichever way: number, parameters, files. */
export interface DecodedMessage {
  id: number;
  parameters: Record<string, unknown>;
  files: Map<string, UploadedFile>;
}

const MAX_PARTS = 2_000;
const utf8 = new TextDecoder('utf-8', { fatal: true });

function messageId(value: unknown): number {
  const id = typeof value === 'string' && /^\s*\d{1,9}\s*$/.test(value) ? Number(value) : value;
  if (typeof id === 'number' && Number.isSafeInteger(id) && id > 0) return id;
  throw new ContractError(CODE.wrongMessageId, value === undefined ? 'msg_id is missing' : 'msg_id is not a number');
}

/** @throws ContractError for other bytes: what stands for them would be kept as somebody's name */
export function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw notText();
  }
}

const notText = () => new ContractError(CODE.wrongParameter, 'the body is not UTF-8 text');

/** A form has put this in the place of what is not UTF-8. */
const REPLACED = '\ufffd';

/**
 * One JSON object. Clients also send it as text/plain and with a byte order mark.
 * @throws ContractError with what is wrong
 */
export function decodeJson(bytes: Uint8Array): DecodedMessage {
  const text = decodeText(bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ContractError(CODE.wrongParameter, `the body is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ContractError(CODE.wrongParameter, 'the body must be one JSON object');
  }
  // A parser keeps the last of two; which one a client meant cannot be known.
  if ((text.match(/"msg_id"\s*:/g)?.length ?? 0) > 1) {
    throw new ContractError(CODE.wrongParameter, 'msg_id is given more than once');
  }
  const { msg_id: id, ...parameters } = value as Record<string, unknown>;
  return { id: messageId(id), parameters, files: new Map() };
}

/**
 * A multipart form: text parts are parameters, file parts are files. A name given twice makes a list of texts.
 * @throws ContractError with what is wrong
 */
export async function decodeForm(
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string | undefined,
): Promise<DecodedMessage> {
  let form: FormData;
  try {
    form = await new Response(bytes, { headers: { 'content-type': contentType ?? '' } }).formData();
  } catch {
    throw new ContractError(CODE.wrongParameter, 'the body is not a multipart form');
  }
  const parameters: Record<string, unknown> = {};
  const files = new Map<string, UploadedFile>();
  let parts = 0;
  for (const [name, value] of form) {
    parts += 1;
    if (parts > MAX_PARTS) throw new ContractError(CODE.wrongParameter, 'the form has too many parts');
    if (name.includes(REPLACED) || (typeof value === 'string' && value.includes(REPLACED))) throw notText();
    if (typeof value !== 'string') {
      const key = files.has(name) ? `${name}#${parts}` : name;
      files.set(key, { name: value.name, type: value.type, bytes: new Uint8Array(await value.arrayBuffer()) });
    } else if (Object.hasOwn(parameters, name)) {
      if (name === 'msg_id') throw new ContractError(CODE.wrongParameter, 'msg_id is given more than once');
      parameters[name] = [parameters[name], value].flat();
    } else {
      parameters[name] = value;
    }
  }
  const { msg_id: id, ...rest } = parameters;
  return { id: messageId(id), parameters: rest, files };
}
