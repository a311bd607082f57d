import type { Caller } from '../plugin/contract.ts';
import type { Registry } from '../plugin/registry.ts';
import { type DecodedMessage, decodeForm, decodeJson } from './decode.ts';
import { checkInput, type DispatchTools, dispatch } from './dispatch.ts';
import { CODE, ContractError } from './errors.ts';
import { callerOf, type GatewayContext, maxBody, readBody, sourceOf } from './request.ts';
import type { SessionRegistry } from './sessions.ts';

export interface MessageTools extends DispatchTools {
  registry: Registry;
  sessions: SessionRegistry;
  setSessionCookie(c: GatewayContext, sessionId: string | null): void;
}

/**
 * `/api/json` and `/api/form`: decode, look up, authorize, check, handle. The answer is always HTTP 200 with
 * `{code, data, msg}`; only the decoding differs between the two.
 */
export async function answerMessage(c: GatewayContext, kind: 'json' | 'form', tools: MessageTools): Promise<Response> {
  const caller = callerOf(c, tools.sessions);
  try {
    const decoded = await decode(c, kind, caller);
    const found = tools.registry.messages.get(decoded.id);
    if (!found) throw new ContractError(CODE.wrongMessageId, `msg_id ${decoded.id} is not known`);
    const { owner, definition } = found;
    const answer = await dispatch(
      {
        owner,
        item: `${definition.id} ${definition.name}`,
        access: definition.access,
        handle: (call) => definition.handle(checkInput(definition.request, decoded.parameters), call),
      },
      {
        caller,
        source: sourceOf(c),
        transport: kind,
        files: decoded.files,
        setHeader: (name, value) => c.header(name, value),
        setSessionCookie: (sessionId) => tools.setSessionCookie(c, sessionId),
      },
      tools,
    );
    return c.json({ code: CODE.ok, data: answer ?? '', msg: '' });
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    return c.json({ code: error.code, data: error.data, msg: error.message });
  }
}

async function decode(c: GatewayContext, kind: 'json' | 'form', caller: Caller | undefined): Promise<DecodedMessage> {
  const bytes = await readBody(c, maxBody(caller));
  return kind === 'json' ? decodeJson(bytes) : decodeForm(bytes, c.req.header('content-type'));
}
