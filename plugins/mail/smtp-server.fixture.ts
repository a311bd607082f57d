import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';

/** A small mail server of the tests' own: it speaks SMTP line by line and does as it is told. */

export interface ServerManner {
  /** Offered after EHLO; the mails may come only after it. */
  starttls?: { cert: string; key: string };
  /** TLS from the first byte. */
  tls?: { cert: string; key: string };
  /** AUTH is offered, and needed. */
  login?: { user: string; password: string };
  /** Replaces the greeting. */
  greeting?: string;
  /** Answers instead of the usual one, by the beginning of the command; `''` says nothing, ever. */
  answers?: Record<string, string>;
  /** Hangs up at this command. */
  hangUpAt?: string;
}

export interface TakenMail {
  from: string;
  to: string[];
  /** As it came, lines separated by CRLF. */
  data: string;
  secure: boolean;
  user?: string;
}

export class SmtpServer {
  readonly mails: TakenMail[] = [];
  /** Commands of all clients, in order. */
  readonly commands: string[] = [];
  manner: ServerManner;
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(manner: ServerManner) {
    this.manner = manner;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  static async start(manner: ServerManner = {}): Promise<SmtpServer> {
    const server = new SmtpServer(manner);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(raw: Socket): void {
    this.connections += 1;
    this.#sockets.add(raw);
    raw.on('close', () => this.#sockets.delete(raw)).on('error', () => {});
    const { tls, greeting = '220 test.example ESMTP' } = this.manner;
    const socket = tls ? secured(raw, tls) : raw;
    socket.on('error', () => raw.destroy());
    if (greeting !== '') socket.write(`${greeting}\r\n`);
    this.#speak(raw, socket, tls !== undefined);
  }

  #speak(raw: Socket, socket: Socket, secure: boolean): void {
    let buffer = '';
    let mail: TakenMail | undefined;
    let user: string | undefined;
    let inData = false;
    const heard = (chunk: Buffer) => {
      buffer += chunk.toString('latin1');
      for (;;) {
        const end = buffer.indexOf(inData ? '\r\n.\r\n' : '\r\n');
        if (end < 0) return;
        const text = buffer.slice(0, end);
        buffer = buffer.slice(end + (inData ? 5 : 2));
        if (inData && mail) {
          inData = false;
          const answer = this.manner.answers?.['.'] ?? '250 2.0.0 queued as 42';
          if (answer.startsWith('250')) this.mails.push({ ...mail, data: text });
          if (answer !== '') socket.write(`${answer}\r\n`);
          continue;
        }
        command(text);
      }
    };
    const command = (line: string) => {
      this.commands.push(line);
      const { answers = {}, hangUpAt, starttls, login } = this.manner;
      if (hangUpAt && line.startsWith(hangUpAt)) return void raw.destroy();
      const told = Object.keys(answers).find((start) => start !== '.' && line.startsWith(start));
      if (told !== undefined) return void (answers[told] === '' || socket.write(`${answers[told]}\r\n`));
      const say = (text: string) => socket.write(`${text}\r\n`);
      const [word = ''] = line.toUpperCase().split(/[ :]/);
      if (word === 'EHLO') {
        const offers = [...(starttls && !secure ? ['STARTTLS'] : []), ...(login ? ['AUTH PLAIN LOGIN'] : [])];
        return void say(['250-test.example', ...offers.map((one) => `250-${one}`), '250 SIZE 10485760'].join('\r\n'));
      }
      if (word === 'STARTTLS' && starttls) {
        say('220 go ahead');
        socket.removeAllListeners('data');
        const inner = secured(raw, starttls);
        inner.on('error', () => raw.destroy());
        return this.#speak(raw, inner, true);
      }
      if (word === 'AUTH') {
        const [, name, password] = Buffer.from(line.split(' ')[2] ?? '', 'base64')
          .toString()
          .split('\0');
        if (name !== login?.user || password !== login?.password) return void say('535 5.7.8 wrong user or password');
        user = name;
        return void say('235 welcome');
      }
      if (word === 'MAIL') {
        if (login && user === undefined) return void say('530 sign in first');
        mail = { from: addressIn(line), to: [], data: '', secure, ...(user === undefined ? {} : { user }) };
        return void say('250 ok');
      }
      if (word === 'RCPT' && mail) {
        mail.to.push(addressIn(line));
        return void say('250 ok');
      }
      if (word === 'DATA' && mail?.to.length) {
        inData = true;
        return void say('354 go on');
      }
      if (word === 'RSET') {
        mail = undefined;
        return void say('250 ok');
      }
      if (word === 'QUIT') {
        say('221 bye');
        return void socket.end();
      }
      say('503 not now');
    };
    socket.on('data', heard);
  }
}

function secured(raw: Socket, { cert, key }: { cert: string; key: string }): TLSSocket {
  return new TLSSocket(raw, { isServer: true, secureContext: createSecureContext({ cert, key }) });
}

function addressIn(line: string): string {
  return /<([^>]*)>/.exec(line)?.[1] ?? '';
}
