import { z } from 'zod';
import { noticeRule } from '../../core/events/notice-rule.ts';
import { type Access, decide } from '../../core/gateway/authorization.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { int, text } from '../../core/gateway/lenient.ts';
import { type Call, type RouteDefinition, route } from '../../core/plugin/contract.ts';
import type { DestinationReport } from '../../core/plugin/push-services.ts';
import type { CameraInfo } from '../../core/plugin/services.ts';
import { isAddress, LONGEST_ADDRESS } from './address.ts';
import { faultOf } from './fault.ts';
import { testLetter } from './letters.ts';
import type { Mailing, MailingOptions } from './mailing.ts';
import { MOST_RECIPIENTS, type Recipients } from './recipients.ts';
import { isSetUp } from './settings.ts';
import { SmtpSession } from './smtp.ts';

/** `/p/mail`: who gets mail, and whether it goes. The mail server stands in the plugin's settings. */

/** Addresses are nobody's business but of those who may set the box up. */
const CHANGE: Access = { area: 'people', action: 'change' };
/** A test waits so long for the server, ms; less than a browser does. */
const TEST_MS = 25_000;
const MOST_TESTS = 2;

const address = text({ max: LONGEST_ADDRESS })
  .transform((value) => value.trim())
  .refine(isAddress, 'must be an address such as name@example.org');

const fields = z.object({
  address,
  enabled: z.boolean().default(true),
  alarms: z.boolean().default(true),
  accounts: z.boolean().default(false),
  rule: noticeRule.prefault({}),
});

const recipientView = fields.extend({
  id: z.int(),
  sent: z.int().describe('mails since the start of the box'),
  held: z.int().describe('alarms kept quiet since then'),
  lastSent: z.number().optional(),
  lastFault: z.object({ at: z.number(), code: z.string(), message: z.string() }).optional(),
});

const overview = z.object({
  setUp: z.boolean(),
  host: z.string(),
  port: z.int(),
  security: z.enum(['starttls', 'tls', 'none']),
  from: z.string(),
  pictures: z.boolean(),
  recipients: z.array(recipientView),
  most: z.int(),
  kinds: z.array(z.string()),
  cameras: z.array(z.object({ channel: z.int(), name: z.string() })),
  queue: z
    .object({
      waiting: z.int(),
      oldest: z.number().optional(),
      dead: z.int(),
      failures: z.int(),
      lastError: z.string().optional(),
      pausedUntil: z.number().optional(),
    })
    .nullable(),
});

export interface RouteParts {
  options: MailingOptions;
  mailing: Mailing;
  recipients: Recipients;
  report(): DestinationReport | undefined;
  cameras(): CameraInfo[];
  /** The queue may go on at once. */
  retry(): void;
}

export function routes({ options, mailing, recipients, report, cameras, retry }: RouteParts): RouteDefinition[] {
  let tests = 0;

  async function test(to: string): Promise<{ ok: boolean; code?: string; message?: string; reply?: string }> {
    const signal = AbortSignal.timeout(TEST_MS);
    try {
      const session = await SmtpSession.open({ ...options.smtp(), settings: options.settings(), signal });
      try {
        const reply = await session.send(to, testLetter(options.setting()));
        retry();
        return { ok: true, reply };
      } finally {
        session.close();
      }
    } catch (error) {
      const { code, told, reply } = faultOf(error);
      return { ok: false, code, message: told, ...(reply === undefined ? {} : { reply }) };
    }
  }

  return [
    route({
      method: 'GET',
      path: '/overview',
      summary: 'Who gets mail, and whether it goes',
      access: CHANGE,
      response: overview,
      handle: () => {
        const { host, port, security, from, pictures } = options.settings();
        const found = report();
        const kinds = new Set(['key-person', ...mailing.kinds, ...recipients.list().flatMap(({ rule }) => rule.kinds)]);
        return {
          setUp: isSetUp(options.settings()),
          ...{ host, port, security, from, pictures },
          recipients: recipients.list().map(({ createdAt: _, ...one }) => ({ ...one, ...mailing.state(one.id) })),
          most: MOST_RECIPIENTS,
          kinds: [...kinds].sort(),
          cameras: cameras().map(({ channel, name }) => ({ channel, name })),
          queue: found ? queueOf(found) : null,
        };
      },
    }),
    route({
      method: 'POST',
      path: '/recipients',
      summary: 'Add somebody who gets mail',
      access: CHANGE,
      body: fields,
      handle: async ({ body }, call) => {
        if (body.accounts) needAccounts(call);
        await recipients.add(body, options.now());
        call.remark(`added ${body.address}`);
        return {};
      },
    }),
    route({
      method: 'PUT',
      path: '/recipients/:id',
      summary: 'Change what somebody gets mail about',
      access: CHANGE,
      params: z.object({ id: int({ min: 1 }) }),
      body: fields,
      handle: async ({ params, body }, call) => {
        const { accounts } = recipients.get(params.id);
        if (accounts || body.accounts) needAccounts(call);
        await recipients.change(params.id, body);
        call.remark(`changed ${body.address}`);
        return {};
      },
    }),
    route({
      method: 'DELETE',
      path: '/recipients/:id',
      summary: 'Somebody gets no mail any more',
      access: CHANGE,
      params: z.object({ id: int({ min: 1 }) }),
      handle: async ({ params }, call) => {
        const found = recipients.get(params.id);
        if (found.accounts) needAccounts(call);
        await recipients.remove(params.id);
        mailing.forget(params.id);
        call.remark(`removed ${found.address}`);
        return {};
      },
    }),
    route({
      method: 'POST',
      path: '/test',
      summary: 'Send a mail now, and tell what the mail server says',
      access: CHANGE,
      body: z.object({ address }),
      response: z.object({
        ok: z.boolean(),
        code: z.string().optional().describe('where it came to an end: login, certificate, recipient, …'),
        message: z.string().optional(),
        reply: z.string().optional().describe('what the mail server said'),
      }),
      handle: async ({ body }, call) => {
        if (tests >= MOST_TESTS) throw new ContractError(CODE.unknownError, 'a test is under way: wait for its end');
        tests += 1;
        try {
          const result = await test(body.address);
          call.remark(result.ok ? `a test to ${body.address}` : `a test to ${body.address}: ${result.code}`);
          return result;
        } finally {
          tests -= 1;
        }
      },
    }),
  ];
}

/** Whoever gets notices of accounts watches the administrators: only those who manage accounts choose that. */
function needAccounts({ caller }: Call): void {
  if (decide({ area: 'accounts', action: 'change' }, caller) === 'allowed') return;
  throw new ContractError(CODE.notAllowed, 'who is told of changed accounts is chosen by those who manage accounts');
}

function queueOf({ waiting, oldest, dead, failures, lastError, pausedUntil }: DestinationReport) {
  return {
    ...{ waiting, dead, failures },
    ...(oldest === undefined ? {} : { oldest }),
    ...(lastError === undefined || failures === 0 ? {} : { lastError }),
    ...(pausedUntil === undefined ? {} : { pausedUntil }),
  };
}
