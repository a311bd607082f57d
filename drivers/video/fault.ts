/** Why a camera gives no pictures. */
export type FaultCode =
  | 'bad-url'
  | 'resolve'
  | 'refused'
  | 'timeout'
  | 'unauthorized'
  | 'not-found'
  | 'unsupported-codec'
  | 'protocol'
  | 'file'
  | 'lost'
  | 'stalled'
  | 'decode';

/** A reason with a message a person understands. It never holds a password. */
export interface Fault {
  code: FaultCode;
  message: string;
}

export class VideoError extends Error {
  readonly code: FaultCode;

  constructor(code: FaultCode, message: string) {
    super(message);
    this.name = 'VideoError';
    this.code = code;
  }

  get fault(): Fault {
    return { code: this.code, message: this.message };
  }
}

/** The reason in an error; an error of another kind is named by its message under `code`. */
export function faultOf(error: unknown, code: FaultCode = 'protocol'): Fault {
  if (error instanceof VideoError) return error.fault;
  return { code, message: error instanceof Error ? error.message : String(error) };
}

/** Text that came from a camera, made fit for a log line: printable, on one line, short. */
export function printable(text: string, limit = 80): string {
  const plain = text.replace(/[^\x20-\x7e]+/g, ' ').trim();
  return plain.length > limit ? `${plain.slice(0, limit)}…` : plain;
}
