import type { Logger } from 'pino';
import type { z } from 'zod';
import type { Bus } from '../events/bus.ts';
import type { Call, Caller, Clock, UploadedFile } from '../plugin/contract.ts';
import { within } from '../plugin/deadline.ts';
import { operationPerformed } from '../plugin/services.ts';
import { byHand } from '../store/by-hand.ts';
import { StoreBusyError, StoreFullError } from '../store/errors.ts';
import { type Access, decide } from './authorization.ts';
import { CODE, ContractError } from './errors.ts';

/** A handler that has not answered after this long is given up, ms. */
const ANSWER_DEADLINE_MS = 30_000;

export interface DispatchTools {
  bus: Bus;
  clock: Clock;
  log: Logger;
}

/** One thing that may be asked of the box, of any transport. */
export interface Endpoint {
  owner: string;
  /** For the operation log, for example `514 delete a camera`. */
  item: string;
  access: Access;
  /** It changes nothing, whatever right it takes: the operation log does not have it. */
  reads?: boolean;
  /** The operation log has it, though seeing is right enough. */
  logged?: boolean | undefined;
  /** It is given up after so long, ms. */
  patience?: number | undefined;
  /** Checks the input and answers; throws ContractError. */
  handle(call: DispatchedCall): unknown | Promise<unknown>;
}

/** Refuses what the authorization table does not allow. */
export function authorize(access: Access, caller: Caller | undefined): void {
  switch (decide(access, caller)) {
    case 'allowed':
      return;
    case 'not-logged-in':
      throw new ContractError(CODE.notLoggedIn);
    case 'password-change-needed':
      throw new ContractError(CODE.notAllowed, 'the password must be changed first');
    case 'not-allowed':
      throw new ContractError(CODE.notAllowed);
  }
}

/** Checks input against a schema; the message names the first field that is wrong. */
export function checkInput<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.');
  throw new ContractError(CODE.wrongParameter, field ? `${field}: ${issue?.message}` : issue?.message, '', field);
}

/** Whether a handler's answer is still to come. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

export interface CallOrigin {
  caller: Caller | undefined;
  source: string;
  transport: Call['transport'];
  files?: Map<string, UploadedFile>;
  setHeader(name: string, value: string): void;
  setSessionCookie(sessionId: string | null): void;
}

/** A call as its handler gets it. */
export class DispatchedCall implements Call {
  caller: Caller | undefined;
  readonly source: string;
  readonly transport: Call['transport'];
  readonly files: Map<string, UploadedFile>;
  readonly remarks: string[] = [];
  readonly #origin: CallOrigin;

  constructor(origin: CallOrigin) {
    this.caller = origin.caller;
    this.source = origin.source;
    this.transport = origin.transport;
    this.files = origin.files ?? new Map();
    this.#origin = origin;
  }

  /**
   * Authorizes anew, for an endpoint that has waited for its input: meanwhile the account may have lost the right, or be gone.
   * A refusal is logged under the name it had.
   * @param caller as it is now
   * @throws ContractError
   */
  authorizeAgain(access: Access, caller: Caller | undefined): void {
    authorize(access, caller);
    this.caller = caller;
  }

  remark(text: string): void {
    this.remarks.push(text);
  }

  setHeader(name: string, value: string): void {
    this.#origin.setHeader(name, value);
  }

  setSessionCookie(sessionId: string | null): void {
    this.#origin.setSessionCookie(sessionId);
  }
}

/**
 * Authorizes, calls and writes the operation log: the one way to every handler. A caller without the right hears that
 * before anything is said of the parameters.
 * @returns what the handler gave, or a promise of it where it gave one
 * @throws ContractError always: what a handler throws otherwise is logged and becomes `internalError`
 */
export function dispatch(endpoint: Endpoint, origin: CallOrigin, tools: DispatchTools): unknown {
  const call = new DispatchedCall(origin);
  let answer: unknown;
  try {
    authorize(endpoint.access, origin.caller);
    answer = byHand(() => endpoint.handle(call));
  } catch (error) {
    throw refused(error, endpoint, call, tools);
  }
  // Most answers are there at once: nobody waits for them, and no clock is set.
  if (isPromise(answer)) return awaited(answer, endpoint, call, tools);
  note(CODE.ok, endpoint, call, tools);
  return answer;
}

async function awaited(
  answer: PromiseLike<unknown>,
  endpoint: Endpoint,
  call: DispatchedCall,
  tools: DispatchTools,
): Promise<unknown> {
  let given: unknown;
  try {
    given = await within(endpoint.patience ?? ANSWER_DEADLINE_MS, `${endpoint.owner}: ${endpoint.item}`, () => answer);
  } catch (error) {
    throw refused(error, endpoint, call, tools);
  }
  note(CODE.ok, endpoint, call, tools);
  return given;
}

/** What the caller hears of an error; it is logged, and so is the call. */
function refused(error: unknown, endpoint: Endpoint, call: DispatchedCall, tools: DispatchTools): ContractError {
  const refusal = told(error, endpoint, tools);
  const { code } = refusal;
  if (code === CODE.notAllowed || code === CODE.notLoggedIn) call.remarks.push(refusal.message);
  note(code, endpoint, call, tools);
  return refusal;
}

function told(error: unknown, endpoint: Endpoint, tools: DispatchTools): ContractError {
  if (error instanceof ContractError) return error;
  // Nobody's fault here, and whoever asked can be told; the store itself has logged it.
  if (error instanceof StoreFullError || error instanceof StoreBusyError) {
    return new ContractError(CODE.unknownError, error.message);
  }
  tools.log.error({ module: endpoint.owner, item: endpoint.item, err: error }, 'a handler failed');
  return new ContractError(CODE.internalError);
}

function isLogged({ access, reads, logged }: Endpoint): boolean {
  return logged || (!reads && typeof access === 'object' && access.action === 'change');
}

/** Writes the operation log: of calls that change something, and of those that say they belong there. */
function note(result: number, endpoint: Endpoint, call: DispatchedCall, { bus, clock }: DispatchTools): void {
  const { caller } = call;
  if (!caller || !isLogged(endpoint)) return;
  bus.emit(operationPerformed, {
    time: clock.now(),
    userName: caller.userName,
    role: caller.role,
    module: endpoint.owner,
    item: endpoint.item,
    // A remark may repeat what the client named, and the log takes no NUL.
    detail: call.remarks.join('; ').replaceAll('\0', '').slice(0, 1000),
    source: call.source,
    result,
  });
}
