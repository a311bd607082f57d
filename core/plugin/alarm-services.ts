import { cap } from './keys.ts';

/** Alarms: what somebody should look at (plugin alarms). */

/** Something that somebody should look at. */
export interface NewAlarm {
  /** What kind: `key-person`; the page has words for it (`alarm.kind.<kind>`). */
  kind: string;
  /** Plugin. */
  source: string;
  channel: number;
  cameraName: string;
  /** Wall clock, ms. */
  time: number;
  /** In a sentence, of data only: a person's name, a zone's name. */
  title: string;
  /** Paths of pictures below `/ws/`, what was seen first. */
  pictures: { path: string; label: 'seen' | 'library' | 'frame' }[];
  /** The capture behind it: the alarm goes when it is deleted. */
  captureId?: string;
  /** Whom it shows (`exportKey`): the alarm goes when they are erased. */
  shows: string[];
  /** Further facts for the detail, by names the page has words for (`alarm.fact.<name>`). */
  facts: Record<string, string | number>;
  origin?: 'demo';
}

export interface Alarms {
  raise(alarm: NewAlarm): Promise<{ id: number }>;
}

export const alarms = cap<Alarms>('alarms@1');

/** The alarms that are kept, for whoever brought the cameras they are of, and whoever erases people. */
export interface AlarmArchive {
  /** Removes them, in small steps; resolves to how many went. What a crash interrupts is done by calling it again. */
  erase(origin: 'demo'): Promise<number>;
  /** The same of those that show somebody of these (`exportKey`). */
  eraseOf(keys: readonly string[]): Promise<number>;
}

export const alarmArchive = cap<AlarmArchive>('alarm.archive@1');
