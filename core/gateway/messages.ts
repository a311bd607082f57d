import type { Call, Caller, UploadedFile } from '../plugin/contract.ts';
import type { Registry } from '../plugin/registry.ts';
import type { Bodies } from './body.ts';
import { decodeForm, decodeJson } from './decode.ts';
import { type CallOrigin, checkInput, type DispatchTools, dispatch, isPromise } from './dispatch.ts';
import { CODE, ContractError } from './errors.ts';
import { callerOf, type GatewayContext, headerOf, sourceOf } from './request.ts';
import type { SessionRegistry } from './sessions.ts';

export interface MessageTools extends DispatchTools {
  registry: Registry;
  sessions: SessionRegistry;
  bodies: Bodies;
  setSessionCookie(c: GatewayContext, sessionId: string | null): void;
}

/** Where a call over HTTP comes from, and what it may set on the answer. */
export class HttpOrigin implements CallOrigin {
  readonly caller: Caller | undefined;
  readonly source: string;
  readonly transport: Call['transport'];
  readonly files: Map<string, UploadedFile>;
  readonly #c: GatewayContext;
  readonly #tools: Pick<MessageTools, 'setSessionCookie'>;

  constructor(
    c: GatewayContext,
    caller: Caller | undefined,
    transport: Call['transport'],
    tools: Pick<MessageTools, 'setSessionCookie'>,
    files: Map<string, UploadedFile> = new Map(),
  ) {
    this.caller = caller;
    this.source = sourceOf(c);
    this.transport = transport;
    this.files = files;
    this.#c = c;
    this.#tools = tools;
  }

  setHeader(name: string, value: string): void {
    this.#c.header(name, value);
  }

  setSessionCookie(sessionId: string | null): void {
    this.#tools.setSessionCookie(this.#c, sessionId);
  }
}

/**
 * `/api/json` and `/api/form`: decode, look up, authorize, check, handle. The answer is always HTTP 200 with
 * `{code, data, msg}`; only the decoding differs between the two.
 */
export async function answerMessage(c: GatewayContext, kind: 'json' | 'form', tools: MessageTools): Promise<Response> {
  try {
    const bytes = await tools.bodies.read(c, callerOf(c, tools.sessions));
    const decoded = kind === 'json' ? decodeJson(bytes) : await decodeForm(bytes, headerOf(c, 'content-type'));
    // Looked up after the body: it may have taken minutes, in which the account lost its rights or was deleted.
    const caller = callerOf(c, tools.sessions);
    const found = tools.registry.messages.get(decoded.id);
    if (!found) throw new ContractError(CODE.wrongMessageId, `msg_id ${decoded.id} is not known`);
    const { owner, definition } = found;
    const given = dispatch(
      {
        owner,
        item: `${definition.id} ${definition.name}`,
        access: definition.access,
        logged: definition.logged,
        patience: definition.patience,
        handle: (call) => definition.handle(checkInput(definition.request, decoded.parameters), call),
      },
      new HttpOrigin(c, caller, kind, tools, decoded.files),
      tools,
    );
    const answer = isPromise(given) ? await given : given;
    return c.json({ code: CODE.ok, data: answer ?? '', msg: '' });
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    return c.json({ code: error.code, data: error.data, msg: error.message });
  }
}
