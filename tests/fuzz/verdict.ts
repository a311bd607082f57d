import { CODE } from '../../core/gateway/errors.ts';
import type { HttpCase, SocketCase } from './case.ts';
import type { HttpAnswer, Outcome, SocketAnswer } from './wire.ts';

/** Whether an answer keeps to the contract: what is wrong with it, or undefined. */

const CODES = new Set<number>(Object.values(CODE));
/** A text of the operating system or of the program's inside in an answer tells strangers too much. */
const INSIDES = /at .*\(.*\.ts:\d+|node:internal|SQLITE_|\/node_modules\/|ENOENT|EACCES/;

export function judgeHttp(one: HttpCase, outcome: Outcome<HttpAnswer>): string | undefined {
  if (outcome.end === 'silence') return 'no answer before the deadline';
  if (outcome.end === 'closed') return one.expect === 'any' ? undefined : 'the connection was closed without an answer';
  const { status, headers, body } = outcome.answer;
  if (!(status >= 100 && status <= 599)) return `the answer has the status ${status}`;
  if (status === 500) return `HTTP 500: ${body.toString('utf8').slice(0, 300)}`;
  if (headers.has('set-cookie') && /\ba=b\b/.test(headers.get('set-cookie') ?? '')) return 'a header was injected';
  const text = body.toString('utf8');
  if (text.startsWith('no chunk: ')) return `something was written into an answer: ${text}`;
  if (status !== 200 && INSIDES.test(text)) return `the refusal shows the inside: ${text.slice(0, 300)}`;
  if (one.expect === 'message') return judgeMessage(one, status, text);
  if (one.expect === 'rest') return judgeRest(one, status, headers.get('content-type') ?? '', text);
  if (/root:.*:0:0:|BEGIN [A-Z ]*PRIVATE KEY|SQLite format 3/.test(text)) return 'a file of the system was given away';
  return undefined;
}

/** The result code of a message or route, 0 for a success without one; undefined for anything else. */
export function codeOf(one: HttpCase, outcome: Outcome<HttpAnswer>): number | undefined {
  if (one.expect === 'any' || outcome.end !== 'answer') return undefined;
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
  return undefined;
}

function judgeRest(one: HttpCase, status: number, type: string, text: string): string | undefined {
  if (one.mayNotSucceed && status < 300) return 'it succeeded for a caller without the right';
  if (status === 200 || status === 204 || status === 304) {
    if (!type.startsWith('application/json') || one.method === 'HEAD') return undefined;
    const answer = parse(text);
    if (!answer) return `the answer is no JSON object: ${text.slice(0, 200)}`;
    const missing = (one.answerFields ?? []).filter((field) => !(field in answer));
    return missing.length > 0 ? `the answer lacks the documented fields ${missing.join()}` : undefined;
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
    const error = one.path.startsWith('/live') ? answer['error'] : answer;
    if (error === undefined) continue;
    const fault = judgeCode(error as Record<string, unknown>);
    if (fault) return fault;
  }
  return undefined;
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
