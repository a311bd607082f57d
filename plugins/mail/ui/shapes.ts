/** What `/p/mail` answers with. */

export interface Rule {
  kinds: string[];
  cameras: number[];
  from: string;
  to: string;
  perHour: number;
  repeatMinutes: number;
  demo: boolean;
}

export interface Recipient {
  id: number;
  address: string;
  enabled: boolean;
  alarms: boolean;
  accounts: boolean;
  rule: Rule;
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

export const NEW_RULE: Rule = {
  kinds: [],
  cameras: [],
  from: '00:00',
  to: '00:00',
  perHour: 10,
  repeatMinutes: 5,
  demo: false,
};
