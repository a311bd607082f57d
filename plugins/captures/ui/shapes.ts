import type { CaptureView } from '../view.ts';

/** What the back end of this plugin answers (`../routes.ts`). */

export type Capture = CaptureView;

export interface CapturePage {
  records: Capture[];
  /** All that match the filter, on this page and others. */
  total: number;
  /** Cursor of the page behind this one. */
  next: string | null;
}

export interface Summary {
  /** Since midnight. */
  today: Record<Capture['kind'], number>;
  /** By the hour of today, 0 to 23. */
  hours: number[];
  newest: Capture[];
}
