import type { Turns } from '../../core/concurrency.ts';
import { type OutMessage, type Reaction, RefusedError } from '../../core/plugin/push-services.ts';
import { faultOf } from './fault.ts';
import { alarmBody, alarmLetter, byRule, captureBody, captureLetter, type Setting, testLetter } from './letters.ts';
import { attachmentsOf, type MailingOptions, read } from './mailing.ts';
import { isSetUp } from './settings.ts';
import { type Letter, SmtpSession } from './smtp.ts';

const DEADLINE_MS = 30_000;
/** Mails of rules that are sent at once: mail servers let one client have few sessions, and mails hold pictures. */
export const MOST_SESSIONS = 4;

export interface ReactionOptions extends Pick<MailingOptions, 'settings' | 'recipients' | 'setting' | 'smtp'> {
  /** Lets so many send at once. */
  sessions: Turns;
}

/** A mail to each recipient, for rules: whatever the recipient is told otherwise. None while there is no mail server. */
export function mailReactions(options: ReactionOptions): Reaction[] {
  if (!isSetUp(options.settings())) return [];
  return options
    .recipients()
    .filter(({ enabled }) => enabled)
    .map(({ id, address }) => ({
      id: `mail/${id}`,
      kind: 'mail',
      name: address,
      topics: ['capture', 'alarm', 'test'],
      deadline: DEADLINE_MS,
      deliver: async (message, picture, { signal, rule }) => {
        const letter = letterOf(message, rule.name, options.setting());
        await options.sessions.take(async () => {
          signal.throwIfAborted();
          const attachments = await attachmentsOf(message, picture, options.settings());
          await send(address, { ...letter, attachments }, signal, options);
        });
      },
    }));
}

/** @throws RefusedError where the server will never take it, MailFault for anything that may pass */
async function send(address: string, letter: Letter, signal: AbortSignal, { settings, smtp }: ReactionOptions) {
  try {
    const session = await SmtpSession.open({ ...smtp(), settings: settings(), signal });
    try {
      await session.send(address, letter);
    } finally {
      session.close();
    }
  } catch (error) {
    const fault = faultOf(error);
    throw fault.final ? new RefusedError(fault.message) : fault;
  }
}

/** @throws RefusedError where there is nothing in it that a mail could say */
function letterOf({ topic, body, time, origin }: OutMessage, rule: string, setting: Setting): Letter {
  if (topic === 'test') return testLetter(setting);
  const demo = origin === 'demo';
  const letter =
    topic === 'alarm'
      ? alarmLetter(read(alarmBody, body), { time, demo, held: 0 }, setting)
      : captureLetter(read(captureBody, body), { time, demo }, setting);
  return byRule(letter, rule, setting);
}
