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
  /** Checks the input and answers; throws ContractError. */
  handle(call: Call): unknown | Promise<unknown>;
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

function isPromise(value: unknown): value is PromiseLike<unknown> {
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
class DispatchedCall implements Call {
  readonly caller: Caller | undefined;
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
 * @throws ContractError always: what a handler throws otherwise is logged and becomes `internalError`
 */
export async function dispatch(endpoint: Endpoint, origin: CallOrigin, tools: DispatchTools): Promise<unknown> {
  const call = new DispatchedCall(origin);
  const { remarks } = call;
  let result: number = CODE.ok;
  try {
    authorize(endpoint.access, origin.caller);
    const answer = byHand(() => endpoint.handle(call));
    // Most answers are there at once: no clock is set for them.
    if (!isPromise(answer)) return answer;
    return await within(ANSWER_DEADLINE_MS, `${endpoint.owner}: ${endpoint.item}`, () => answer);
  } catch (error) {
    if (error instanceof ContractError) {
      result = error.code;
      if (result === CODE.notAllowed || result === CODE.notLoggedIn) remarks.push(error.message);
      throw error;
    }
    if (error instanceof StoreFullError || error instanceof StoreBusyError) {
      // Nobody's fault here, and whoever asked can be told; the store itself has logged it.
      result = CODE.unknownError;
      throw new ContractError(CODE.unknownError, error.message);
    }
    tools.log.error({ module: endpoint.owner, item: endpoint.item, err: error }, 'a handler failed');
    result = CODE.internalError;
    throw new ContractError(CODE.internalError);
  } finally {
    const changes = typeof endpoint.access === 'object' && endpoint.access.action === 'change';
    if (changes && origin.caller) {
      tools.bus.emit(operationPerformed, {
        time: tools.clock.now(),
        userName: origin.caller.userName,
        role: origin.caller.role,
        module: endpoint.owner,
        item: endpoint.item,
        // A remark may repeat what the client named, and the log takes no NUL.
        detail: remarks.join('; ').replaceAll('\0', '').slice(0, 1000),
        source: origin.source,
        result,
      });
    }
  }
}
