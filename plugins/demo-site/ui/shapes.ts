/** What the back end of this plugin answers (`../routes.ts`). */

export interface SceneView {
  name: string;
  title: string;
  description: string;
  seconds: number;
  chosen: boolean;
  channel?: number;
  /** Path of a picture of it. */
  still: string;
}

export interface SiteView {
  mode: 'on' | 'aside' | 'stopped' | 'left' | 'never';
  /** ms */
  since?: number;
  beside: boolean;
  asideFor?: string;
  erasing: boolean;
  forbidden: boolean;
  way?: 'rtsp' | 'file';
  most: number;
  captures: number;
  people: boolean;
  /** Absent: those of the people in the scenes. */
  databases?: number[];
  scenes: SceneView[];
  faults: string[];
}

export interface Removed {
  cameras: number;
  captures: number;
  people: number;
  complete: boolean;
}
