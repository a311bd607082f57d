import { z } from 'zod';
import { instantToLocal } from '../../core/clock.ts';
import { groupOf } from '../../core/events/push-body.ts';
import { alarmTold, captureTold, type Language, matchTold, TOLD_WORDS } from '../../core/events/told.ts';
import { oneLine } from './address.ts';
import type { Letter } from './smtp.ts';

/** What the mails say. They are read far from the box, so every one names it. */

const WORDS = {
  en: {
    ...TOLD_WORDS.en,
    time: 'Time',
    camera: 'Camera',
    facts: {
      similarity: 'Similarity (of 100)',
      library: 'Database',
      threshold: 'Threshold',
      person: 'Person',
      gender: 'Gender',
      age: 'Age',
      quality: 'Quality',
      plate: 'Number plate',
    } as Record<string, string>,
    demo: 'This is a scene of the demo site: nobody real was seen.',
    held: (n: number) =>
      n === 1
        ? 'One more alarm was not mailed since the last mail. All of them stand in the list of alarms.'
        : `${n} more alarms were not mailed since the last mail. All of them stand in the list of alarms.`,
    from: (box: string) => `Sent by the box ${box}.`,
    colon: ': ',
    test: 'Test of the mail settings',
    testText: 'If you can read this, mail from the box arrives.',
    rule: 'Rule',
    account: 'Accounts changed',
    changes: {
      made: (who: string) => `The account ${who} was made.`,
      removed: (who: string) => `The account ${who} was removed.`,
      password: (who: string) => `The password of the account ${who} was changed.`,
      rights: (who: string) => `The rights of the account ${who} were changed.`,
    },
    accountText: 'If you know nothing of this, look into the operation log of the box.',
    number: (id: number) => `with the number ${id}`,
  },
  zh: {
    ...TOLD_WORDS.zh,
    time: '时间',
    camera: '摄像机',
    facts: {
      similarity: '相似度（满分 100）',
      library: '人员库',
      threshold: '阈值',
      person: '人员',
      gender: '性别',
      age: '年龄',
      quality: '质量',
      plate: '车牌号',
    } as Record<string, string>,
    demo: '这是演示站点的场景，并未看到真实的人。',
    held: (n: number) => `自上一封邮件以来，另有 ${n} 条告警未发送邮件。全部告警见告警列表。`,
    from: (box: string) => `由设备 ${box} 发送。`,
    colon: '：',
    test: '邮件设置测试',
    testText: '如果您能读到这封邮件，说明设备的邮件可以送达。',
    rule: '规则',
    account: '账号变更',
    changes: {
      made: (who: string) => `已创建账号 ${who}。`,
      removed: (who: string) => `已删除账号 ${who}。`,
      password: (who: string) => `账号 ${who} 的密码已更改。`,
      rights: (who: string) => `账号 ${who} 的权限已更改。`,
    },
    accountText: '如果您不知情，请查看设备的操作日志。',
    number: (id: number) => `（编号 ${id}）`,
  },
};

const LONGEST = 200;

/** What a mail tells of an alarm. */
export const alarmBody = alarmTold.extend({
  facts: z.record(z.string().max(40), z.union([z.string().max(1000), z.number()])).default({}),
});
export type AlarmBody = z.output<typeof alarmBody>;

/** What a mail tells of a capture. */
export const captureBody = captureTold.extend({ match: matchTold.extend({ libraryName: z.string() }).optional() });
export type CaptureBody = z.output<typeof captureBody>;

export const accountBody = z.object({
  userId: z.int(),
  userName: z.string().max(200).optional(),
  change: z.enum(['made', 'removed', 'password', 'rights']),
});
export type AccountBody = z.output<typeof accountBody>;

export interface Setting {
  language: Language;
  /** Name of the box. */
  box: string;
  zone: string;
}

/** @param held alarms that were not told since the last mail */
export function alarmLetter(
  { kind, title, cameraName, channel, facts }: AlarmBody,
  { time, demo, held }: { time: number; demo: boolean; held: number },
  { language, box, zone }: Setting,
): Letter {
  const words = WORDS[language];
  const kindWord = words.kinds[kind] ?? oneLine(kind, 40);
  const camera = oneLine(cameraName, LONGEST) || words.channel(channel);
  const line = (name: string, value: string) => `${name}${words.colon}${value}`;
  const text = [
    `${kindWord}${words.colon}${oneLine(title, LONGEST)}`,
    '',
    line(words.time, `${instantToLocal(time, zone)} (${zone})`),
    line(words.camera, camera),
    ...Object.entries(facts).map(([name, value]) => line(words.facts[name] ?? oneLine(name, 40), factWord(value))),
    ...(demo ? ['', words.demo] : []),
    ...(held > 0 ? ['', words.held(held)] : []),
  ];
  // No name of a person: a subject is shown on locked screens.
  return letter(`${words.alarm}${words.colon}${kindWord}, ${camera}`, text, box, language);
}

/** A capture, which a rule asked for. */
export function captureLetter(
  { kind, cameraName, channel, ...record }: CaptureBody,
  { time, demo }: { time: number; demo: boolean },
  { language, box, zone }: Setting,
): Letter {
  const words = WORDS[language];
  const camera = oneLine(cameraName, LONGEST) || words.channel(channel);
  const line = (name: string, value: string) => `${name}${words.colon}${value}`;
  const group = groupOf(record);
  const known = group === 'key' || group === 'white' ? record.match : undefined;
  const what = words.seen[kind] ?? oneLine(kind, 40);
  const who = kind === 'face' ? [words.groups[group]] : [];
  const person = known && oneLine(known.personName, LONGEST);
  const text = [
    [what, ...who].join(words.colon),
    '',
    line(words.time, `${instantToLocal(time, zone)} (${zone})`),
    line(words.camera, camera),
    ...(record.plate?.text ? [line(words.facts['plate'] ?? '', record.plate.text)] : []),
    ...(person ? [line(words.facts['person'] ?? '', person)] : []),
    ...(known ? [line(words.facts['library'] ?? '', oneLine(known.libraryName, LONGEST))] : []),
    ...(known ? [line(words.facts['similarity'] ?? '', factWord(known.similarity))] : []),
    ...(demo ? ['', words.demo] : []),
  ];
  return letter([what, ...who, camera].join(', '), text, box, language);
}

/** The letter with the rule it is sent by. */
export function byRule(sent: Letter, rule: string, { language }: Setting): Letter {
  const { rule: word, colon } = WORDS[language];
  return { ...sent, text: `${sent.text}${word}${colon}${oneLine(rule, LONGEST)}\n` };
}

/** To the administrators, when accounts are made or changed. */
export function accountLetter(body: AccountBody, time: number, { language, box, zone }: Setting): Letter {
  const words = WORDS[language];
  const who = body.userName === undefined ? words.number(body.userId) : `"${oneLine(body.userName, LONGEST)}"`;
  const moment = `${words.time}${words.colon}${instantToLocal(time, zone)} (${zone})`;
  return letter(words.account, [words.changes[body.change](who), moment, '', words.accountText], box, language);
}

export function testLetter({ language, box }: Setting): Letter {
  const words = WORDS[language];
  return letter(words.test, [words.testText], box, language);
}

function letter(subject: string, text: string[], box: string, language: Language): Letter {
  const name = oneLine(box, 60);
  return { subject: `[${name}] ${subject}`, text: `${[...text, '', WORDS[language].from(name)].join('\n')}\n` };
}

function factWord(value: string | number): string {
  return typeof value === 'number' ? String(Math.round(value * 10) / 10) : oneLine(value, LONGEST);
}
