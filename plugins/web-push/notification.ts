import { z } from 'zod';
import { instantToLocal } from '../../core/clock.ts';
import { groupOf } from '../../core/events/push-body.ts';

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
    seen: { face: 'Face', body: 'Person' } as Record<string, string>,
    groups: { key: 'Key person', white: 'On the white list', stranger: 'Stranger' },
    channel: (n: number) => `Channel ${n}`,
    demo: 'Demo',
    held: (n: number) => `${n} more kept quiet`,
    test: 'Notifications work',
    testBody: 'Alarms of this box will look like this.',
  },
  zh: {
    kinds: { 'key-person': '重点人员' } as Record<string, string>,
    alarm: '告警',
    seen: { face: '人脸', body: '人体' } as Record<string, string>,
    groups: { key: '重点人员', white: '白名单人员', stranger: '陌生人' },
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

/** What a browser tells of a capture, which a rule asked for. */
export const captureBody = z.object({
  kind: z.string().max(40),
  cameraName: z.string().max(1000).default(''),
  channel: z.number().default(0),
  threshold: z.number().default(0),
  compared: z.boolean().default(false),
  match: z.object({ similarity: z.number(), libraryType: z.number(), personName: z.string() }).optional(),
});
export type CaptureBody = z.output<typeof captureBody>;

export function captureNotification(capture: CaptureBody, telling: Telling): Notification {
  const { kind, cameraName, channel, match } = capture;
  const words = WORDS[telling.language];
  const group = groupOf(capture);
  const known = group === 'key' || group === 'white';
  return {
    title: group === 'unknown' ? (words.seen[kind] ?? short(kind)) : words.groups[group],
    body: bodyOf(known ? (match?.personName ?? '') : '', cameraName || words.channel(channel), telling),
    tag: `capture-${kind}-${channel}`,
    page: '#/records',
    time: telling.time,
  };
}

export function alarmNotification(alarm: AlarmBody, telling: Telling): Notification {
  const words = WORDS[telling.language];
  return {
    title: words.kinds[alarm.kind] ?? words.alarm,
    body: bodyOf(alarm.title, short(alarm.cameraName) || words.channel(alarm.channel), telling),
    tag: `${alarm.kind}-${alarm.channel}`,
    page: '#/alarms',
    time: telling.time,
  };
}

function bodyOf(who: string, where: string, { time, zone, demo, held, language, details }: Telling): string {
  const words = WORDS[language];
  const parts = [
    details ? short(who) : '',
    short(where),
    instantToLocal(time, zone).slice(11),
    demo ? words.demo : '',
    held > 0 ? words.held(held) : '',
  ];
  return parts.filter((part) => part !== '').join(' · ');
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
