import { CODE } from '../../core/gateway/errors.ts';
import { pathOf } from './api-cases.ts';
import type { HttpCase, RawCase, SocketCase } from './case.ts';
import { type HttpAnswer, NO_CHUNK } from './http-answer.ts';
import type { StoredFile } from './media-cases.ts';
import { mismatch } from './schema.ts';
import type { Outcome, RawAnswer, SocketAnswer } from './wire.ts';

/** Whether an answer keeps to the contract: what is wrong with it, or undefined. */

const CODES = new Set<number>(Object.values(CODE));
/** A text of the operating system or of the program's inside in an answer tells strangers too much. */
const INSIDES = /at .*\(.*\.ts:\d+|node:internal|SQLITE_|\/node_modules\/|ENOENT|EACCES/;

/** @param files what lies on the box, for cases that ask for stored files */
export function judgeHttp(
  one: HttpCase,
  outcome: Outcome<HttpAnswer>,
  files: readonly StoredFile[] = [],
): string | undefined {
  if (outcome.end === 'silence') return 'no answer before the deadline';
  const bare = one.expect === 'any' || one.expect === 'media';
  if (outcome.end === 'closed') return bare ? undefined : 'the connection was closed without an answer';
  const fault = judgeAny(outcome.answer);
  if (fault) return fault;
  const { status, headers, body } = outcome.answer;
  const text = body.toString('utf8');
  if (one.expect === 'message') return judgeMessage(one, status, text);
  if (one.expect === 'rest') return judgeRest(one, status, headers.get('content-type') ?? '', text);
  return one.expect === 'media' ? judgeMedia(one, status, body, files) : undefined;
}

/** What no answer may be, whatever was asked. */
function judgeAny({ status, headers, body }: HttpAnswer): string | undefined {
  if (!(status >= 100 && status <= 599)) return `the answer has the status ${status}`;
  const text = body.toString('utf8');
  if (status === 500) return `HTTP 500: ${text.slice(0, 300)}`;
  if (headers.has('set-cookie') && /\ba=b\b/.test(headers.get('set-cookie') ?? '')) return 'a header was injected';
  if (text.startsWith(NO_CHUNK)) return `something was written into an answer: ${text}`;
  if (status !== 200 && INSIDES.test(text)) return `the refusal shows the inside: ${text.slice(0, 300)}`;
  if (/root:.*:0:0:|BEGIN [A-Z ]*PRIVATE KEY|SQLite format 3/.test(text)) return 'a file of the system was given away';
  return undefined;
}

/** A stored file is given whole, to those who may see it, and to nobody else. */
function judgeMedia(one: HttpCase, status: number, body: Buffer, files: readonly StoredFile[]): string | undefined {
  const wanted = one.exact ? files.find(({ path }) => one.target === `/ws/${path}`) : undefined;
  if (wanted && one.method === 'GET') {
    const may = wanted.seenBy.includes(one.session);
    // Other cases end the session meanwhile, or take the right to see pictures away.
    if (may && ![200, 304, 400, 401, 403].includes(status)) return `who may see the file got HTTP ${status}`;
    if (!may && status < 400) return 'it was given to a caller without the right';
  }
  if (status !== 200 || one.method === 'HEAD' || !pathOf(one.target)?.startsWith('/ws/')) return undefined;
  const given = files.find(({ bytes }) => bytes.equals(body));
  if (!given) return 'what was given is no stored file';
  return given.seenBy.includes(one.session) ? undefined : 'it was given to a caller without the right';
}

export function judgeRaw(one: RawCase, outcome: Outcome<RawAnswer>): string | undefined {
  if (outcome.end === 'silence') return 'neither answered nor closed before the deadline';
  const { answers, rest } = outcome.end === 'answer' ? outcome.answer : { answers: [], rest: Buffer.alloc(0) };
  if (rest.length > 0) return `something that is no answer came: ${JSON.stringify(rest.toString('latin1', 0, 200))}`;
  const [fewest, most] = one.answers;
  if (answers.length < fewest) return `${answers.length} answers instead of ${fewest}`;
  if (answers.length > most) return `${answers.length} answers instead of at most ${most}: a hidden request was heard`;
  for (const answer of answers) {
    const fault = judgeAny(answer);
    if (fault) return fault;
    if (one.refused && answer.status < 400) return `what is no request was answered with ${answer.status}`;
    if (fewest > 0 && answer.status !== 200) return `a right request was answered with ${answer.status}`;
  }
  return undefined;
}

/** The result code of a message or route, 0 for a success without one; undefined for anything else. */
export function codeOf(one: HttpCase, outcome: Outcome<HttpAnswer>): number | undefined {
  if (one.expect === 'any' || one.expect === 'media' || outcome.end !== 'answer') return undefined;
  const code = parse(outcome.answer.body.toString('utf8'))?.['code'];
  return typeof code === 'number' ? code : outcome.answer.status < 300 ? 0 : undefined;
}

function judgeMessage(one: HttpCase, status: number, text: string): string | undefined {
  if (status !== 200) return `a message was answered with HTTP ${status}`;
  const answer = parse(text);
  if (!answer) return `the answer is no JSON object: ${text.slice(0, 200)}`;
  const keys = Object.keys(answer).sort().join();
  if (keys !== 'code,data,msg') return `the answer has the fields ${keys}`;
  const fault = judgeCode(answer);
  if (fault) return fault;
  if (answer['code'] !== 0 && INSIDES.test(text)) return `the refusal shows the inside: ${text.slice(0, 300)}`;
  if (one.mayNotSucceed && answer['code'] === 0) return 'it succeeded for a caller without the right';
  const shape = answer['code'] === 0 ? one.answer : one.refusal;
  return shape && mismatch(shape, answer['data'], 'data');
}

function judgeRest(one: HttpCase, status: number, type: string, text: string): string | undefined {
  if (one.mayNotSucceed && status < 300) return 'it succeeded for a caller without the right';
  if (status === 200 || status === 204 || status === 304) {
    if (!type.startsWith('application/json') || one.method === 'HEAD') return undefined;
    const answer = parse(text);
    if (!answer) return `the answer is no JSON object: ${text.slice(0, 200)}`;
    return one.answer && mismatch(one.answer, answer);
  }
  if (![400, 401, 403, 404, 409, 503].includes(status)) return `a route was answered with HTTP ${status}`;
  const answer = parse(text);
  // Addresses that miss every route fall to the box's plain answers.
  if (!answer)
    return status === 404 || status === 400 ? undefined : `the refusal is no JSON object: ${text.slice(0, 200)}`;
  return judgeCode(answer);
}

function judgeCode(answer: Record<string, unknown>): string | undefined {
  const { code, msg } = answer;
  if (typeof code !== 'number' || !CODES.has(code)) return `the code ${String(code)} is not in Appendix A`;
  if (typeof msg !== 'string') return 'msg is no text';
  if (code === CODE.internalError) return 'a handler failed (-3524)';
  return undefined;
}

export function judgeSocket(one: SocketCase, outcome: Outcome<SocketAnswer>): string | undefined {
  if (outcome.end === 'silence')
    return one.answered ? 'no answer before the deadline' : 'the connection was not closed';
  if (outcome.end === 'closed') return undefined;
  const { status, texts } = outcome.answer;
  if (status !== 101) return status >= 500 ? `the handshake was answered with HTTP ${status}` : undefined;
  if (one.path.startsWith('/live') && one.session === 'none') return 'a page was let in without a session';
  for (const text of texts) {
    const answer = parse(text);
    if (!answer) return `a frame is no JSON object: ${text.slice(0, 200)}`;
    const fault = one.path.startsWith('/live') ? judgePage(answer) : judgeWire(answer);
    if (fault) return `${fault}: ${text.slice(0, 200)}`;
  }
  return undefined;
}

/** A frame to a client: an answer, whose acknowledgement has no data, or a push, which has. */
function judgeWire(answer: Record<string, unknown>): string | undefined {
  const unknown = Object.keys(answer).filter((name) => !['code', 'msg', 'msg_id', 'data'].includes(name));
  if (unknown.length > 0) return `a frame has the fields ${unknown.join()}`;
  if ('data' in answer && answer['code'] !== 0) return 'a refusal has data';
  return judgeCode(answer);
}

/** A frame to a page: news for all, or what a subscription sends, or why there is none. */
function judgePage(answer: Record<string, unknown>): string | undefined {
  const shapes = ['op,plugin,what', 'op', 'data,id', 'error,id', 'error'];
  const names = Object.keys(answer).sort().join();
  if (!shapes.includes(names)) return `a frame has the fields ${names}`;
  if (!('error' in answer)) return undefined;
  const error = answer['error'];
  if (typeof error !== 'object' || error === null) return 'the error is no object';
  return judgeCode(error as Record<string, unknown>);
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
