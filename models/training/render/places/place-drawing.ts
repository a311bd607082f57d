import type { SKRSContext2D } from '@napi-rs/canvas';
import type { Camera } from '../camera.ts';
import type { Space } from '../space.ts';
import type { Vec3 } from '../types.ts';

/** Furniture that is drawn among the people, by its distance. */
export interface Prop {
  /** Metres from the camera along z: what is farther away is behind it. */
  z: number;
  /** Two opposite corners of a box around it, metres. */
  from: Vec3;
  to: Vec3;
  draw(space: Space): void;
}

/** A place made up from its seed. */
export interface PlaceDrawing {
  backdrop(ctx: SKRSContext2D, camera: Camera): void;
  props: readonly Prop[];
  /** 0 dull .. 1 mirror. */
  gloss: number;
}
