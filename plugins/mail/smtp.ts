import { connect, isIP, type Socket } from 'node:net';
import MailComposer, { type MailComposerAttachment } from 'nodemailer/lib/mail-composer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { AddressError, addressFault, checkedLookup } from '../../core/net/addresses.ts';
import { faultOf, MailFault } from './fault.ts';
import { isSetUp, type Settings } from './settings.ts';

/** A mail as it goes out. Texts are data of the box and are encoded by the composer, whatever is in them. */
export interface Letter {
  subject: string;
  text: string;
  attachments?: { filename: string; contentType: string; content: Uint8Array }[];
}

export interface SmtpOptions {
  settings: Settings;
  /** Name the mails are sent under. */
  sender: string;
  allowLoopback: boolean;
  signal: AbortSignal;
  /** Silence of the server that is waited for, ms; default 10,000. */
  patience?: number;
}

const PATIENCE_MS = 10_000;
/** Largest answer that is read. */
const MAX_REPLY = 64 * 1024;

/** A signed-in connection to the mail server, for the mails of one delivery. */
export class SmtpSession {
  readonly #connection: SMTPConnection;
  readonly #options: SmtpOptions;
  readonly #broken: Promise<never>;

  private constructor(connection: SMTPConnection, options: SmtpOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#broken = new Promise((_, reject) => {
      connection.on('error', (error) => reject(faultOf(error)));
      connection.once('end', () => reject(new MailFault('closed', 'the mail server closed the connection')));
      options.signal.addEventListener('abort', () => {
        reject(new MailFault('silent', 'the mail server did not take the mail in time'));
        connection.close();
      });
    });
    // It is looked at only while something is asked of the server.
    this.#broken.catch(() => {});
  }

  /**
   * Connects, encrypts as the settings want, and signs in.
   * @throws MailFault
   */
  static async open(options: SmtpOptions): Promise<SmtpSession> {
    const { settings, patience = PATIENCE_MS } = options;
    if (!isSetUp(settings)) throw new MailFault('not-set-up', 'no mail server is set up');
    const socket = await reach(options, patience);
    const { host, port, security, checkCertificate, user, password } = settings;
    const connection = new SMTPConnection({
      host,
      port,
      connection: socket,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      name: '[127.0.0.1]',
      connectionTimeout: patience,
      greetingTimeout: patience,
      socketTimeout: patience,
      maxResponseSize: MAX_REPLY,
      tls: {
        rejectUnauthorized: checkCertificate,
        minVersion: 'TLSv1.2',
        ...(isIP(host) ? {} : { servername: host }),
      },
    });
    const session = new SmtpSession(connection, options);
    try {
      await session.#ask((done) => connection.connect(done));
      if (user !== '') await session.#ask((done) => connection.login({ credentials: { user, pass: password } }, done));
    } catch (error) {
      connection.close();
      throw error;
    }
    return session;
  }

  /**
   * Sends a mail to one address; resolved, the server has taken it (250).
   * @returns what the server said
   * @throws MailFault, `final` where the server will never take it
   */
  async send(to: string, letter: Letter): Promise<string> {
    const { settings, sender } = this.#options;
    const message = await compose(settings.from, sender, to, letter);
    return this.#ask<string>((done) => {
      this.#connection.send({ from: settings.from, to: [to], size: message.byteLength }, message, (error, info) =>
        done(error, info?.response ?? ''),
      );
    });
  }

  /** Forgets a mail that was refused, so that the next one can be sent. @throws MailFault */
  reset(): Promise<void> {
    return this.#ask<void>((done) => this.#connection.reset((error) => done(error)));
  }

  close(): void {
    this.#connection.quit();
    // A server that never answers QUIT keeps nothing.
    const timer = setTimeout(() => this.#connection.close(), 1000);
    timer.unref();
    this.#connection.once('end', () => clearTimeout(timer));
  }

  /** Asks something of the server; whatever breaks the connection meanwhile is the answer, too. */
  async #ask<T>(question: (done: (error?: Error | null, answer?: T) => void) => void): Promise<T> {
    const answer = new Promise<T>((resolve, reject) => {
      question((error, given) => (error ? reject(faultOf(error)) : resolve(given as T)));
    });
    answer.catch(() => {});
    return Promise.race([answer, this.#broken]);
  }
}

/** Opens the connection itself, so that it goes to the very address that was checked. */
function reach({ settings, allowLoopback, signal }: SmtpOptions, patience: number): Promise<Socket> {
  const { host, port } = settings;
  const fault = isIP(host) ? addressFault(host, { allowLoopback }) : undefined;
  if (fault) return Promise.reject(new MailFault('forbidden-address', fault));
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, lookup: checkedLookup({ allowLoopback }) });
    const timer = setTimeout(() => fail(new MailFault('unreachable', 'the mail server cannot be reached')), patience);
    const fail = (error: Error) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      socket.destroy();
      const forbidden = error instanceof AddressError;
      reject(forbidden ? new MailFault('forbidden-address', error.message) : faultOf(error));
    };
    const aborted = () => fail(new MailFault('unreachable', 'the mail server cannot be reached'));
    signal.addEventListener('abort', aborted);
    // It stays: between this connection and its first use there is a moment without another listener.
    socket.on('error', fail);
    socket.once('connect', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      resolve(socket);
    });
    if (signal.aborted) aborted();
  });
}

function compose(from: string, sender: string, to: string, { subject, text, attachments }: Letter): Promise<Buffer> {
  const mail = new MailComposer({
    from: { name: sender, address: from },
    to: { name: '', address: to },
    subject,
    text,
    // So that nobody's "away" notes come back for each alarm.
    headers: { 'Auto-Submitted': 'auto-generated' },
    attachments: (attachments ?? []).map(
      ({ content, ...rest }): MailComposerAttachment => ({ ...rest, content: Buffer.from(content) }),
    ),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return new Promise((resolve, reject) => {
    mail.compile().build((error, message) => (error || !message ? reject(error) : resolve(message)));
  });
}
