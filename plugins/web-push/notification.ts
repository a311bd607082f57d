import { z } from 'zod';
import { instantToLocal } from '../../core/clock.ts';

/** What a browser shows. It passes through somebody else's service, encrypted, and may lie on a locked screen. */
export interface Notification {
  title: string;
  body: string;
  /** A newer one of the same takes the place of an older one. */
  tag: string;
  page: string;
  /** ms */
  time: number;
}

export type Language = 'en' | 'zh';

const WORDS = {
  en: {
    kinds: { 'key-person': 'Key person' } as Record<string, string>,
    alarm: 'Alarm',
    channel: (n: number) => `Channel ${n}`,
    demo: 'Demo',
    held: (n: number) => `${n} more kept quiet`,
    test: 'Notifications work',
    testBody: 'Alarms of this box will look like this.',
  },
  zh: {
    kinds: { 'key-person': '重点人员' } as Record<string, string>,
    alarm: '告警',
    channel: (n: number) => `通道 ${n}`,
    demo: '演示',
    held: (n: number) => `另有 ${n} 条被静默`,
    test: '通知已生效',
    testBody: '本设备的告警将这样显示。',
  },
};

export const alarmBody = z.object({
  kind: z.string().max(40),
  title: z.string().max(1000),
  cameraName: z.string().max(1000).default(''),
  channel: z.number().default(0),
});
export type AlarmBody = z.output<typeof alarmBody>;

interface Telling {
  time: number;
  zone: string;
  demo: boolean;
  /** Alarms that were not told since the last one. */
  held: number;
  language: Language;
  /** Name the person. */
  details: boolean;
}

export function alarmNotification(
  alarm: AlarmBody,
  { time, zone, demo, held, language, details }: Telling,
): Notification {
  const words = WORDS[language];
  const parts = [
    ...(details ? [short(alarm.title)] : []),
    short(alarm.cameraName) || words.channel(alarm.channel),
    instantToLocal(time, zone).slice(11),
    ...(demo ? [words.demo] : []),
    ...(held > 0 ? [words.held(held)] : []),
  ];
  return {
    title: words.kinds[alarm.kind] ?? words.alarm,
    body: parts.join(' · '),
    tag: `${alarm.kind}-${alarm.channel}`,
    page: '#/alarms',
    time,
  };
}

export function testNotification(language: Language, time: number): Notification {
  const { test, testBody } = WORDS[language];
  return { title: test, body: testBody, tag: 'test', page: '#/web-push', time };
}

/** A text of data, in one line and at most 100 characters: a push holds 4 kB. */
function short(text: string): string {
  const line = text.slice(0, 400).replace(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, ' ');
  return [...line].slice(0, 100).join('').trim();
}
