import type { NoticeRule } from '../../../core/events/notice-rule.ts';

/** What `/p/web-push` answers with. */

export interface Browser {
  id: number;
  name: string;
  language: 'en' | 'zh';
  details: boolean;
  rule: NoticeRule;
  /** It is this one. */
  own: boolean;
  sent: number;
  held: number;
  dropped: number;
  lastSent?: number;
  lastFault?: { at: number; why: string; status?: number };
}

export interface Overview {
  publicKey: string;
  browsers: Browser[];
  most: number;
  kinds: string[];
  cameras: { channel: number; name: string }[];
}

export interface TestResult {
  result: 'sent' | 'gone' | 'failed';
  why?: string;
  status?: number;
}
