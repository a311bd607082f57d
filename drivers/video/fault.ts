/** Why a camera gives no pictures. */
export type FaultCode =
  | 'bad-url'
  | 'resolve'
  | 'refused'
  | 'timeout'
  | 'unauthorized'
  | 'not-found'
  | 'sign-in'
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

export const emptyFile: Fault = { code: 'decode', message: 'the file holds no video that can be decoded' };

/**
 * Turns an error that GStreamer reports of a camera's stream into a reason. What GStreamer says is kept short; it
 * may quote the camera.
 */
export function streamFault(said: { message?: string; debug?: string }, hadFrames: boolean): Fault {
  const short = printable(said.message ?? 'unknown error', 60);
  const text = `${said.message ?? ''} ${said.debug ?? ''}`;
  if (/unauthorized|\b401\b/i.test(text)) {
    return { code: 'unauthorized', message: 'the camera rejects the user name or password' };
  }
  if (/not[- ]negotiated|no decoder|missing.*(plugin|decoder)|could not decode|no valid frames/i.test(text)) {
    return { code: 'decode', message: `the stream cannot be decoded (${short})` };
  }
  if (/could not receive any udp/i.test(text)) {
    return { code: 'timeout', message: 'no pictures arrive over UDP; a firewall may block them' };
  }
  if (hadFrames) return { code: 'lost', message: `the connection to the camera was lost (${short})` };
  return { code: 'protocol', message: `the stream could not be opened (${short})` };
}
