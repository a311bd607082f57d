import type { Counts } from '../list.ts';
import type { AlarmView } from '../view.ts';

/** What the back end of this plugin answers (`../routes.ts`). */

export type Alarm = AlarmView;

export interface AlarmPage {
  alarms: Alarm[];
  /** All that match the filter, on this page and others. */
  total: number;
  /** Cursor of the page behind this one. */
  next: number | null;
}

/** `newest`: the newest open ones. */
export type Summary = Counts & { newest: Alarm[] };
