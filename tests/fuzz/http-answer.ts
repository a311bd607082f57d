import { gunzipSync } from 'node:zlib';

/** Answers of HTTP out of the bytes of a connection. */

export interface HttpAnswer {
  status: number;
  headers: Map<string, string>;
  body: Buffer;
}

/** What stands in place of a body whose chunks are none: the verdict looks for it. */
export const NO_CHUNK = 'no chunk: ';

interface Read<T> {
  value: T;
  /** Where what follows begins. */
  end: number;
}

/**
 * The first answer that is no 1xx; undefined while it is not whole. The connection's end also ends an answer that has
 * no length.
 */
export function readAnswer(received: Buffer, ended: boolean, withBody = true): Read<HttpAnswer> | undefined {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [statusLine = '', ...lines] = received.toString('latin1', 0, headEnd).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? Number.NaN);
  const bodyAt = headEnd + 4;
  if (status >= 100 && status < 200 && status !== 101) {
    const later = readAnswer(received.subarray(bodyAt), ended, withBody);
    return later && { value: later.value, end: bodyAt + later.end };
  }
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const hasBody = withBody && status !== 304 && status !== 204 && status !== 101;
  const body = hasBody
    ? readBody(received.subarray(bodyAt), headers, ended)
    : { value: Buffer.alloc(0) as Buffer, end: 0 };
  if (!body) return undefined;
  const zipped = headers.get('content-encoding') === 'gzip' && body.value.length > 0;
  return {
    value: { status, headers, body: zipped ? gunzipSync(body.value) : body.value },
    end: bodyAt + body.end,
  };
}

/** Every answer of a connection that has ended; `rest` is what is no whole answer. */
export function readAnswers(received: Buffer): { answers: HttpAnswer[]; rest: Buffer } {
  const answers: HttpAnswer[] = [];
  let rest = received;
  for (;;) {
    const next = rest.length > 0 ? readAnswer(rest, true) : undefined;
    if (!next) return { answers, rest };
    answers.push(next.value);
    rest = rest.subarray(next.end);
  }
}

function readBody(rest: Buffer, headers: Map<string, string>, ended: boolean): Read<Buffer> | undefined {
  const said = headers.get('content-length');
  if (said !== undefined) {
    const length = Number(said);
    return rest.length >= length ? { value: rest.subarray(0, length), end: length } : undefined;
  }
  if (headers.get('transfer-encoding') !== 'chunked') return ended ? { value: rest, end: rest.length } : undefined;
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = rest.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(rest.toString('latin1', at, lineEnd), 16);
    if (Number.isNaN(size)) {
      const shown = rest.toString('latin1', at, lineEnd).slice(0, 100);
      return { value: Buffer.from(NO_CHUNK + shown), end: rest.length };
    }
    if (rest.length < lineEnd + 2 + size + 2) return undefined;
    if (size === 0) return { value: Buffer.concat(chunks), end: lineEnd + 4 };
    chunks.push(rest.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}
