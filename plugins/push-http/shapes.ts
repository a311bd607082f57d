import { z } from 'zod';
import { int, text } from '../../core/gateway/lenient.ts';
import { CAPTURE_KINDS } from '../../core/vision/keys.ts';

/** What routes take and give. */

/** SHA-256 of a certificate, as tools print it: 32 bytes in hex, colons between them or not; given with colons. */
const fingerprint = z
  .string()
  .trim()
  .transform((value) => value.replaceAll(':', '').toUpperCase())
  .pipe(z.string().regex(/^[0-9A-F]{64}$/, 'must be a SHA-256 fingerprint of 64 hex digits'))
  .transform((value) => value.match(/../g)!.join(':'));

/** Where something is sent and how the receiver is known. */
const reached = {
  url: text({ min: 1, max: 500 }),
  key: text({ max: 200 }).describe('what the receiver knows the box by; left out or ******: as it is'),
  trust: z.enum(['system', 'pinned']).describe('system: known certificate authorities; pinned: this certificate'),
  fingerprint: fingerprint.nullable().describe('SHA-256 of the pinned certificate'),
};

const fields = {
  ...reached,
  name: text({ max: 60 }),
  kinds: z.array(z.enum(CAPTURE_KINDS)).max(CAPTURE_KINDS.length),
  recognisedOnly: z.boolean().describe('of faces only those that were recognised'),
  channels: z
    .array(int({ min: 1, max: 1000 }))
    .max(64)
    .describe('cameras; empty: all'),
  demo: z.boolean().describe('of the demo site, too'),
  enabled: z.boolean(),
};

export const addTarget = z.object({
  ...fields,
  key: fields.key.default(''),
  trust: fields.trust.default('system'),
  fingerprint: fields.fingerprint.default(null),
  name: fields.name.default(''),
  kinds: fields.kinds.default([...CAPTURE_KINDS]),
  recognisedOnly: fields.recognisedOnly.default(false),
  channels: fields.channels.default([]),
  demo: fields.demo.default(true),
  enabled: fields.enabled.default(true),
});
export type NewTarget = z.output<typeof addTarget>;

export const changeTarget = z.object(fields).partial();
export type TargetChange = z.output<typeof changeTarget>;

export const testTarget = z.object({
  ...reached,
  id: z.int().optional().describe('the receiver whose key is used where none is given'),
  key: reached.key.optional(),
  trust: reached.trust.default('system'),
  fingerprint: reached.fingerprint.default(null),
});
export type TestedTarget = z.output<typeof testTarget>;

export const testResult = z.object({
  ok: z.boolean(),
  status: z.int().optional().describe('HTTP status of the answer'),
  milliseconds: z.int(),
  message: z.string().describe('why it did not work'),
});
export type TestResult = z.output<typeof testResult>;

export const shownCertificate = z.object({
  subject: z.string(),
  issuer: z.string(),
  validFrom: z.number(),
  validTo: z.number(),
  fingerprint: z.string(),
  trusted: z.boolean().describe('by the certificate authorities the box knows'),
  reason: z.string().describe('why it is not'),
});
export type ShownCertificate = z.output<typeof shownCertificate>;

export const targetView = z.object({
  id: z.int(),
  name: z.string(),
  url: z.string(),
  key: z.string().describe('******, or empty where there is none'),
  trust: z.enum(['system', 'pinned']),
  fingerprint: z.string().nullable(),
  kinds: z.array(z.enum(CAPTURE_KINDS)),
  recognisedOnly: z.boolean(),
  channels: z.array(z.int()),
  demo: z.boolean(),
  enabled: z.boolean(),
  wire: z.boolean().describe('the one of messages 1298 and 1299'),
  waiting: z.int(),
  oldest: z.number().nullable(),
  delivered: z.int(),
  dead: z.int().describe('given up'),
  failures: z.int().describe('in a row'),
  refused: z.int().describe('for good, in a row: the receiver is there, and takes nothing'),
  lastError: z.string().nullable(),
  lastDelivered: z.number().nullable(),
  pausedUntil: z.number().nullable(),
  heartbeat: z
    .object({ at: z.number(), ok: z.boolean(), message: z.string() })
    .nullable()
    .describe('the last one since it was set up or the box started'),
});
export type TargetView = z.output<typeof targetView>;
