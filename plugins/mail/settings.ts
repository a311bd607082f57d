import { z } from 'zod';
import { secret } from '../../core/plugin/config.ts';
import { isAddress } from './address.ts';

const HOST = /^([A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:.]{2,45})?$/;

/** How mail leaves the box. */
export const settings = z
  .object({
    host: z.string().max(253).regex(HOST, 'must be a name or an address').default('').describe('Mail server'),
    port: z.int().min(1).max(65_535).default(587).describe('Port: 587 with STARTTLS, 465 with TLS'),
    security: z.enum(['starttls', 'tls', 'none']).default('starttls').describe('How the connection is encrypted'),
    checkCertificate: z.boolean().default(true).describe('Refuse a server whose certificate cannot be verified'),
    user: z.string().max(200).default('').describe('User; empty where the server asks for none'),
    password: secret(['host', 'port', 'security', 'checkCertificate', 'user']).default('').describe('Password'),
    from: z
      .string()
      .max(254)
      .refine((value) => value === '' || isAddress(value), 'must be an address such as box@example.org')
      .default('')
      .describe('Sender'),
    language: z.enum(['en', 'zh']).default('en').describe('Language of the mails'),
    pictures: z.boolean().default(false).describe('Put what was seen into mails about alarms'),
  })
  .refine(({ user, security }) => user === '' || security !== 'none', {
    path: ['security'],
    message: 'a password is only sent over an encrypted connection',
  });

export type Settings = z.output<typeof settings>;

/** Whether there is a server to send by. */
export function isSetUp({ host, from }: Pick<Settings, 'host' | 'from'>): boolean {
  return host !== '' && from !== '';
}
