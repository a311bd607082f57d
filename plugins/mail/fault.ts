import { oneLine } from './address.ts';

/** Where sending a mail came to an end. */
export type FaultCode =
  | 'not-set-up'
  | 'name-not-found'
  | 'forbidden-address'
  | 'refused'
  | 'unreachable'
  | 'silent'
  | 'closed'
  | 'not-a-mail-server'
  | 'no-starttls'
  | 'certificate'
  | 'tls'
  | 'login'
  | 'sender'
  | 'recipient'
  | 'message'
  | 'other';

const LONGEST_REPLY = 300;

/**
 * Why a mail was not sent. What the server said stands apart: it often names the recipient, and the message goes to the
 * log and to lists that more people see than those who may see addresses.
 */
export class MailFault extends Error {
  override readonly name = 'MailFault';
  readonly code: FaultCode;
  /** What the server said, in one line. */
  readonly reply: string | undefined;
  /** The server will never take this mail for this recipient. */
  readonly final: boolean;

  constructor(code: FaultCode, words: string, options: { reply?: string | undefined; final?: boolean } = {}) {
    const reply = options.reply && oneLine(options.reply, LONGEST_REPLY);
    super(words);
    this.code = code;
    this.reply = reply || undefined;
    this.final = options.final ?? false;
  }

  /** With what the server said, for those who may see addresses. */
  get told(): string {
    return this.reply ? `${this.message}: ${this.reply}` : this.message;
  }
}

interface Failure extends Error {
  code?: string;
  originalCode?: string;
  command?: string;
  response?: string;
  responseCode?: number;
}

const CERTIFICATE =
  /self.?signed|unable to (verify|get)|certificate|altnames|CERT_|DEPTH_ZERO|ERR_TLS_CERT_ALTNAME_INVALID/i;

/** Says of a failed connection or command what went wrong. */
export function faultOf(error: unknown): MailFault {
  if (error instanceof MailFault) return error;
  const failure = error as Failure;
  const { code = '', originalCode = '', command = '', response, responseCode = 0, message = '' } = failure;
  const codes = [code, originalCode];
  const reply = { reply: response };
  // A reply of 5xx is the server's last word on this mail.
  const final = responseCode >= 500 && responseCode < 600;
  if (codes.includes('ENOTFOUND') || codes.includes('EAI_AGAIN') || codes.includes('EDNS')) {
    return new MailFault('name-not-found', 'the name of the mail server is not known');
  }
  if (codes.includes('ECONNREFUSED')) return new MailFault('refused', 'nothing answers at this port');
  if (codes.includes('EHOSTUNREACH') || codes.includes('ENETUNREACH')) {
    return new MailFault('unreachable', 'the mail server cannot be reached');
  }
  if (code === 'EAUTH') return new MailFault('login', 'the mail server refuses user or password', reply);
  if (command === 'STARTTLS' || code === 'ETLS') {
    if (CERTIFICATE.test(message)) {
      return new MailFault('certificate', 'the certificate of the mail server cannot be verified', { reply: message });
    }
    if (response) return new MailFault('no-starttls', 'the mail server does not encrypt', reply);
    return new MailFault('tls', 'no encrypted connection came about', { reply: message });
  }
  if (code === 'ESOCKET' && /ssl|tls|wrong version|packet length/i.test(message)) {
    return new MailFault('tls', 'no encrypted connection came about', { reply: message });
  }
  if (CERTIFICATE.test(`${message} ${originalCode}`)) {
    return new MailFault('certificate', 'the certificate of the mail server cannot be verified', { reply: message });
  }
  if (codes.includes('ETIMEDOUT')) return new MailFault('silent', 'the mail server does not answer in time');
  // Some servers say so before they take it: "552 message size exceeds" (RFC 1870) or the size they gave in their greeting.
  if (command === 'MAIL FROM' && (responseCode === 552 || code === 'EMESSAGE')) {
    return new MailFault('message', 'the mail is too large for the server', {
      reply: response ?? message,
      final: true,
    });
  }
  if (command === 'MAIL FROM') return new MailFault('sender', 'the mail server refuses the sender', reply);
  if (command === 'RCPT TO')
    return new MailFault('recipient', 'the mail server refuses the recipient', { ...reply, final });
  if (command === 'DATA') return new MailFault('message', 'the mail server refuses the mail', { ...reply, final });
  if (/^[45]\d\d/.test(response ?? '')) return new MailFault('closed', 'the mail server refuses the connection', reply);
  if (code === 'EPROTOCOL') return new MailFault('not-a-mail-server', 'what answers there is no mail server', reply);
  if (code === 'ECONNECTION' || codes.includes('ECONNRESET') || codes.includes('EPIPE')) {
    return new MailFault('closed', 'the mail server closed the connection', reply);
  }
  return new MailFault('other', 'the mail could not be sent', { reply: response ?? message });
}
