import { inHours } from '../../core/events/hours.ts';
import { asksFor, Quietness, type Telling } from '../../core/events/notice-rule.ts';
import { type Destination, type OutMessage, RefusedError } from '../../core/plugin/push-services.ts';
import { faultOf, type MailFault } from './fault.ts';
import { type AlarmBody, accountBody, accountLetter, alarmBody, alarmLetter, type Setting } from './letters.ts';
import { isSetUp, type Settings } from './settings.ts';
import { type Letter, type SmtpOptions, SmtpSession } from './smtp.ts';
import type { Recipient } from './tables.ts';

/** Messages of which some recipients have theirs already, and others will be tried again. */
const MOST_PARTIAL = 200;
const MOST_PICTURES = 2;
const MOST_PICTURE_BYTES = 2 * 1024 * 1024;

export interface MailingOptions {
  settings(): Settings;
  recipients(): readonly Recipient[];
  setting(): Setting;
  /** What a connection needs beside the settings. */
  smtp(): Pick<SmtpOptions, 'sender' | 'allowLoopback' | 'patience'>;
  /** ms, of a clock that is never set. */
  steady(): number;
  now(): number;
  count(what: 'sent' | 'held' | 'failed'): void;
}

/** How it went with one recipient. Times are wall clock, ms. */
export interface RecipientState {
  sent: number;
  held: number;
  lastSent?: number;
  lastFault?: { at: number; code: string; message: string };
}

type ReadPicture = (path: string) => Promise<Uint8Array | undefined>;
type Message = Pick<OutMessage, 'topic' | 'channel' | 'body' | 'origin'>;

/** Turns messages of the outbox into mails: to each recipient its own, so that nobody sees the others. */
export class Mailing implements Pick<Destination, 'wants' | 'deliver'> {
  readonly #options: MailingOptions;
  readonly #quiet = new Map<number, Quietness>();
  readonly #states = new Map<number, RecipientState>();
  /** Recipients who have had a message that is not through, by its id. */
  readonly #partial = new Map<string, Set<number>>();
  readonly #kinds = new Set<string>();

  constructor(options: MailingOptions) {
    this.#options = options;
  }

  /** Kinds of alarms that came by. */
  get kinds(): string[] {
    return [...this.#kinds];
  }

  state(recipient: number): RecipientState {
    return this.#states.get(recipient) ?? { sent: 0, held: 0 };
  }

  /** Forgets a recipient that is none any more. */
  forget(recipient: number): void {
    this.#quiet.delete(recipient);
    this.#states.delete(recipient);
  }

  wants(message: Message): boolean {
    return isSetUp(this.#options.settings()) && this.#options.recipients().some((one) => asked(one, message));
  }

  /** @throws RefusedError where the server will take it for nobody; MailFault where it may later */
  async deliver(message: OutMessage, picture: ReadPicture, { signal }: { signal: AbortSignal }): Promise<void> {
    const alarm = message.topic === 'alarm' ? read(alarmBody, message.body) : undefined;
    if (alarm && this.#kinds.size < 30) this.#kinds.add(alarm.kind);
    const done = this.#partial.get(message.id) ?? new Set<number>();
    const due = this.#due(message, alarm, done);
    if (due.length > 0) await this.#send(message, alarm, due, picture, done, signal);
    this.#partial.delete(message.id);
  }

  /** Recipients whose turn it is, with their leave to be told. */
  #due(message: OutMessage, alarm: AlarmBody | undefined, done: Set<number>): Due[] {
    const { recipients, steady, setting } = this.#options;
    const due: Due[] = [];
    for (const recipient of recipients()) {
      if (done.has(recipient.id) || !asked(recipient, message)) continue;
      if (!alarm) {
        due.push({ recipient });
        continue;
      }
      const held = () => {
        this.#note(recipient.id, (state) => ({ ...state, held: state.held + 1 }));
        this.#options.count('held');
        this.#keep(message.id, done, recipient.id);
      };
      if (!inHours(recipient.rule, message.time, setting().zone)) continue;
      const subject = `${alarm.kind} ${alarm.channel} ${alarm.title}`;
      const telling = this.#quietness(recipient.id).take(subject, recipient.rule, steady());
      if (telling) due.push({ recipient, telling });
      else held();
    }
    return due;
  }

  async #send(
    message: OutMessage,
    alarm: AlarmBody | undefined,
    due: Due[],
    picture: ReadPicture,
    done: Set<number>,
    signal: AbortSignal,
  ): Promise<void> {
    const waiting = new Set(due);
    const faults: MailFault[] = [];
    let session: SmtpSession | undefined;
    // From here on whoever was not told gets back the leave for it, whatever fails.
    try {
      const attachments = await attachmentsOf(message, picture, this.#options.settings());
      session = await SmtpSession.open({ ...this.#options.smtp(), settings: this.#options.settings(), signal });
      for (const one of due) {
        try {
          await session.send(one.recipient.address, this.#letter(message, alarm, one.telling?.held ?? 0, attachments));
        } catch (error) {
          const fault = faultOf(error);
          this.#failed(one.recipient.id, fault);
          faults.push(fault);
          // A recipient that is refused says nothing of the next one; a broken connection does.
          if (fault.code !== 'recipient' && fault.code !== 'message') throw fault;
          if (fault.final) {
            waiting.delete(one);
            this.#keep(message.id, done, one.recipient.id);
          }
          await session.reset();
          continue;
        }
        waiting.delete(one);
        this.#keep(message.id, done, one.recipient.id);
        this.#note(one.recipient.id, ({ lastFault: _, ...state }) => ({
          ...state,
          sent: state.sent + 1,
          lastSent: this.#options.now(),
        }));
        this.#options.count('sent');
      }
    } catch (error) {
      const fault = faultOf(error);
      if (!session) for (const { recipient } of due) this.#failed(recipient.id, fault);
      throw fault;
    } finally {
      session?.close();
      for (const { telling } of waiting) telling?.giveBack();
    }
    const later = faults.find((fault) => !fault.final);
    if (later) throw later;
    if (faults.length === due.length && faults[0]) throw new RefusedError(faults[0].message);
  }

  #letter(
    message: OutMessage,
    alarm: AlarmBody | undefined,
    held: number,
    attachments: NonNullable<Letter['attachments']>,
  ): Letter {
    const setting = this.#options.setting();
    if (!alarm) return accountLetter(read(accountBody, message.body), message.time, setting);
    const demo = message.origin === 'demo';
    return { ...alarmLetter(alarm, { time: message.time, demo, held }, setting), attachments };
  }

  #failed(recipient: number, { code, told }: MailFault): void {
    this.#options.count('failed');
    this.#note(recipient, (state) => ({ ...state, lastFault: { at: this.#options.now(), code, message: told } }));
  }

  #note(recipient: number, change: (state: RecipientState) => RecipientState): void {
    this.#states.set(recipient, change(this.state(recipient)));
  }

  #quietness(recipient: number): Quietness {
    const found = this.#quiet.get(recipient) ?? new Quietness();
    this.#quiet.set(recipient, found);
    return found;
  }

  #keep(message: string, done: Set<number>, recipient: number): void {
    done.add(recipient);
    this.#partial.set(message, done);
    for (const oldest of this.#partial.keys()) {
      if (this.#partial.size <= MOST_PARTIAL) break;
      this.#partial.delete(oldest);
    }
  }
}

/** The pictures of a message that go along, where the settings let any. */
export async function attachmentsOf(
  message: OutMessage,
  picture: ReadPicture,
  settings: Pick<Settings, 'pictures'>,
): Promise<NonNullable<Letter['attachments']>> {
  if (!settings.pictures) return [];
  const found = [];
  for (const { path } of message.pictures.filter(({ part }) => part === 'snap').slice(0, MOST_PICTURES)) {
    const content = await picture(path);
    const type = content && pictureType(content);
    if (!type || content.byteLength > MOST_PICTURE_BYTES) continue;
    found.push({ filename: `seen-${found.length + 1}.${type}`, contentType: `image/${type}`, content });
  }
  return found;
}

interface Due {
  recipient: Recipient;
  telling?: Telling;
}

function asked({ enabled, alarms, accounts, rule }: Recipient, { topic, channel, body, origin }: Message): boolean {
  if (!enabled) return false;
  if (topic === 'account') return accounts;
  if (topic !== 'alarm' || !alarms) return false;
  return asksFor(rule, { kind: String(body['kind']), channel: channel ?? 0, origin });
}

/** @throws RefusedError: what is no alarm today is none tomorrow */
export function read<T>(
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
  body: unknown,
): T {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new RefusedError('there is nothing in it that a mail could say');
  return parsed.data;
}

function pictureType(bytes: Uint8Array): 'jpeg' | 'png' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return 'jpeg';
  if (bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47) return 'png';
  return undefined;
}
