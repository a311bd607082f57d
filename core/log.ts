import { Writable } from 'node:stream';
import pino, { type Logger } from 'pino';
import type { LogLine } from './plugin/services.ts';

/**
 * Structured logs. Secrets are taken out at the writer, in the finished line, so that no call can forget it: values
 * of secret-looking keys, and user and password inside addresses.
 */

const SECRET_VALUE =
  /(\\?")((?:[a-z0-9_-]{0,40}(?:pass(?:word|wd)?|pwd|secret|token|session_?id|cookie|authorization|api_?key))|key)\1:\s*\1(?:(?!\1)(?:[^"\\]|\\.))*\1/gi;
const URL_USER = /(?<![a-z0-9+.-])([a-z][a-z0-9+.-]{0,15}:\/\/)([^\s/@"'\\:]*):(?:[^\s"\\/]|\\.)*@/gi;
const SECRET_PARAMETER = /([?&](?:pass|password|passwd|pwd|token|key|secret)=)[^&\s"'\\]*/gi;
/** A longer line is cut before it is searched: nothing anybody reads is that long. */
const MAX_LINE = 16 * 1024;

/** The line without secrets: `"password":"x"` becomes `"password":"******"`, `rtsp://u:p@h` becomes `rtsp://u:******@h`. */
export function redact(line: string): string {
  return line
    .replace(SECRET_VALUE, '$1$2$1:$1******$1')
    .replace(URL_USER, '$1$2:******@')
    .replace(SECRET_PARAMETER, '$1******');
}

/** The line without its long fields, still JSON. */
function shortened(line: string): string {
  const { level, time, module, msg } = JSON.parse(line) as Record<string, unknown>;
  return `${JSON.stringify({ level, time, module, msg: String(msg).slice(0, 1000), cut: line.length })}\n`;
}

/** The newest log lines, for the system page; bounded. */
export class RecentLog {
  readonly #lines: LogLine[] = [];
  readonly #capacity: number;

  constructor(capacity = 1000) {
    this.#capacity = capacity;
  }

  add(line: string): void {
    try {
      const { time, level, module, msg, err, reason } = JSON.parse(line) as Record<string, unknown>;
      const cause = typeof reason === 'string' ? reason : (err as { message?: string } | undefined)?.message;
      this.#lines.push({
        time: Number(time),
        level: String(level),
        module: String(module ?? 'core'),
        message: cause ? `${String(msg ?? '')}: ${cause}` : String(msg ?? ''),
      });
      if (this.#lines.length > this.#capacity) this.#lines.shift();
    } catch {
      // A line that is not JSON did not come from pino; it is on the terminal already.
    }
  }

  newest(limit: number): LogLine[] {
    return this.#lines.slice(-limit);
  }
}

/** The root logger: JSON lines to `out` (standard output by default) and to the recent log, both redacted. */
export function createLog(level: string, recent: RecentLog, out: NodeJS.WritableStream = process.stdout): Logger {
  const sink = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      const whole = String(chunk);
      const line = redact(whole.length > MAX_LINE ? shortened(whole) : whole);
      recent.add(line);
      out.write(line);
      done();
    },
  });
  return pino(
    {
      level,
      base: undefined,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: pino.stdSerializers.err },
    },
    sink,
  );
}
