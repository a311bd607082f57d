import { Turns } from '../../core/concurrency.ts';
import { definePlugin, optional } from '../../core/plugin/contract.ts';
import { type OpenDestination, outbox, outgoing, reactions } from '../../core/plugin/push-services.ts';
import { cameraDirectory, deviceIdentity } from '../../core/plugin/services.ts';
import { Mailing, type MailingOptions } from './mailing.ts';
import { MOST_SESSIONS, mailReactions } from './reactions.ts';
import { Recipients } from './recipients.ts';
import { routes } from './routes.ts';
import { isSetUp, type Settings, settings } from './settings.ts';
import * as tables from './tables.ts';

const DESTINATION = 'mail/alarms';
/** One delivery goes to every recipient in turn, ms. */
const DEADLINE_MS = 60_000;
/** From so many failures in a row on the health page shows it. */
const TROUBLE = 3;

/** Sends alarms and changes of accounts by mail. */
export default definePlugin({
  config: settings,
  use: {
    outbox,
    outgoing,
    reactions: optional(reactions),
    identity: optional(deviceIdentity),
    cameras: optional(cameraDirectory),
  },
  tables,
  ui: {
    pages: [
      {
        id: 'mail',
        slot: 'settings',
        title: 'mail.title',
        module: 'mail.ts',
        access: { area: 'people', action: 'change' },
        order: 6,
      },
    ],
  },
  setup: (ctx) => {
    const { clock, store, use, log } = ctx;
    const recipients = new Recipients(store, () => {
      ctx.changed('recipients');
      offer();
    });
    const counted = ctx.metrics.counter('mails_total', 'Mails that were sent, kept quiet, or failed', ['result']);
    const box = () => use.identity?.deviceId || 'Gatehouse';
    const current = () => ctx.config as Settings;
    const options: MailingOptions = {
      settings: current,
      recipients: () => recipients.list(),
      setting: () => ({ language: current().language, box: box(), zone: clock.zone }),
      smtp: () => ({ sender: `Gatehouse ${box()}`, allowLoopback: use.outgoing.allowLoopback }),
      steady: () => clock.steady(),
      now: () => clock.now(),
      count: (result) => {
        counted.inc({ result });
        if (result !== 'held') ctx.changed('mail');
      },
    };
    const mailing = new Mailing(options);
    const sessions = new Turns(MOST_SESSIONS);
    const offered = use.reactions?.by('mail');
    const offer = () => offered?.offer(mailReactions({ ...options, sessions }));
    const report = () => use.outbox.reports().find(({ id }) => id === DESTINATION);
    let open: OpenDestination | undefined;

    return {
      routes: routes({
        ...{ options, mailing, recipients, report },
        cameras: () => use.cameras?.list() ?? [],
        retry: () => open?.retry(),
      }),
      start: () => {
        open = use.outbox.open({
          id: DESTINATION,
          name: 'Mail',
          wants: (message) => mailing.wants(message),
          deliver: (...given) => mailing.deliver(...given),
          deadline: DEADLINE_MS,
        });
        offer();
      },
      stop: () => open?.close(),
      // Every mail looks at the settings; what waited for a server that was wrong is tried again.
      reconfigure: () => {
        log.info({ setUp: isSetUp(current()) }, 'the mail server was changed');
        open?.retry();
        offer();
        ctx.changed('mail');
      },
      health: () => {
        const { failures = 0, lastError = '' } = report() ?? {};
        if (failures < TROUBLE) return { state: 'ok' as const };
        return { state: 'degraded' as const, detail: `mail does not go out: ${lastError}` };
      },
    };
  },
});
