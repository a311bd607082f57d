import { instantToLocal } from '../../core/clock.ts';
import { groupOf } from '../../core/events/push-body.ts';
import { type AlarmTold, type CaptureTold, type Language, TOLD_WORDS } from '../../core/events/told.ts';

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

const WORDS = {
  en: {
    ...TOLD_WORDS.en,
    demo: 'Demo',
    held: (n: number) => `${n} more kept quiet`,
    test: 'Notifications work',
    testBody: 'Alarms of this box will look like this.',
  },
  zh: {
    ...TOLD_WORDS.zh,
    demo: '演示',
    held: (n: number) => `另有 ${n} 条被静默`,
    test: '通知已生效',
    testBody: '本设备的告警将这样显示。',
  },
};

interface Telling {
  time: number;
  zone: string;
  demo: boolean;
  /** Alarms that were not told since the last one. */
  held: number;
  language: Language;
  /** Name the person, or the number of the vehicle. */
  details: boolean;
}

/** Of a capture, which a rule asked for. */
export function captureNotification(capture: CaptureTold, telling: Telling): Notification {
  const { kind, cameraName, channel, match, plate } = capture;
  const words = WORDS[telling.language];
  const group = groupOf(capture);
  const known = group === 'key' || group === 'white';
  return {
    title: group === 'unknown' ? (words.seen[kind] ?? short(kind)) : words.groups[group],
    body: bodyOf(
      known ? (match?.personName ?? '') : (plate?.text ?? ''),
      cameraName || words.channel(channel),
      telling,
    ),
    tag: `capture-${kind}-${channel}`,
    page: '#/records',
    time: telling.time,
  };
}

export function alarmNotification(alarm: AlarmTold, telling: Telling): Notification {
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
