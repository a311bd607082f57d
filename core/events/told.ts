import { z } from 'zod';

/** What people are told of a message far from the box, by mail or on a telephone: the parts they read, and words for them. */

export type Language = 'en' | 'zh';

/** Words that mails and notifications have in common. */
export const TOLD_WORDS = {
  en: {
    alarm: 'Alarm',
    kinds: { 'key-person': 'Key person' } as Record<string, string>,
    seen: { face: 'Face', body: 'Person', vehicle: 'Vehicle' } as Record<string, string>,
    groups: { key: 'Key person', white: 'On the white list', stranger: 'Stranger', unknown: 'Not compared' },
    channel: (n: number) => `Channel ${n}`,
  },
  zh: {
    alarm: '告警',
    kinds: { 'key-person': '重点人员' } as Record<string, string>,
    seen: { face: '人脸', body: '人体', vehicle: '车辆' } as Record<string, string>,
    groups: { key: '重点人员', white: '白名单人员', stranger: '陌生人', unknown: '未比对' },
    channel: (n: number) => `通道 ${n}`,
  },
};

/** The part of an alarm that is told; what else it holds stays in the box. */
export const alarmTold = z.object({
  kind: z.string().max(40),
  title: z.string().max(1000),
  cameraName: z.string().max(1000).default(''),
  channel: z.number().default(0),
});
export type AlarmTold = z.output<typeof alarmTold>;

/** Whom a face is most like. */
export const matchTold = z.object({ similarity: z.number(), libraryType: z.number(), personName: z.string() });

/** The part of a capture that is told, where a rule asks for it. */
export const captureTold = z.object({
  kind: z.string().max(40),
  cameraName: z.string().max(1000).default(''),
  channel: z.number().default(0),
  threshold: z.number().default(0),
  compared: z.boolean().default(false),
  match: matchTold.optional(),
  /** Of a vehicle; the text is empty where it could not be read. */
  plate: z.object({ text: z.string().max(32) }).optional(),
});
export type CaptureTold = z.output<typeof captureTold>;
