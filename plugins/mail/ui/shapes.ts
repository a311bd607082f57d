import type { NoticeRule } from '../../../core/events/notice-rule.ts';

/** What `/p/mail` answers with. */

export interface Recipient {
  id: number;
  address: string;
  enabled: boolean;
  alarms: boolean;
  accounts: boolean;
  rule: NoticeRule;
  sent: number;
  held: number;
  lastSent?: number;
  lastFault?: { at: number; code: string; message: string };
}

export interface Overview {
  setUp: boolean;
  host: string;
  port: number;
  security: 'starttls' | 'tls' | 'none';
  from: string;
  pictures: boolean;
  recipients: Recipient[];
  most: number;
  kinds: string[];
  cameras: { channel: number; name: string }[];
  queue: {
    waiting: number;
    oldest?: number;
    dead: number;
    failures: number;
    lastError?: string;
    pausedUntil?: number;
  } | null;
}

export interface TestResult {
  ok: boolean;
  code?: string;
  message?: string;
  reply?: string;
}
