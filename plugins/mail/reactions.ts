import { type OutMessage, type Reaction, RefusedError } from '../../core/plugin/push-services.ts';
import { faultOf } from './fault.ts';
import { alarmBody, alarmLetter, byRule, captureBody, captureLetter, type Setting, testLetter } from './letters.ts';
import { attachmentsOf, type MailingOptions, read } from './mailing.ts';
import { isSetUp } from './settings.ts';
import { type Letter, SmtpSession } from './smtp.ts';

const DEADLINE_MS = 30_000;

export type ReactionOptions = Pick<MailingOptions, 'settings' | 'recipients' | 'setting' | 'smtp'>;

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
        const { settings, setting, smtp } = options;
        const letter = letterOf(message, rule.name, setting());
        const attachments = await attachmentsOf(message, picture, settings());
        try {
          const session = await SmtpSession.open({ ...smtp(), settings: settings(), signal });
          try {
            await session.send(address, { ...letter, attachments });
          } finally {
            session.close();
          }
        } catch (error) {
          const fault = faultOf(error);
          throw fault.final ? new RefusedError(fault.message) : fault;
        }
      },
    }));
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
