import type { SKRSContext2D } from '@napi-rs/canvas';
import type { Outfit } from './cloth.ts';
import type { Skeleton } from './skeleton.ts';
import { type Tint, tint } from './tint.ts';
import { type Ring, Tube } from './tube.ts';
import type { Person } from './types.ts';
import type { Bounds, View } from './view.ts';

/** What drawing a part of a body needs. */
export interface Easel {
  ctx: SKRSContext2D;
  view: View;
  person: Person;
  outfit: Outfit;
  bones: Skeleton;
  /** Grows around body and clothes. */
  body: Bounds;
  /** Pixels of one metre here. */
  scale: number;
  /** Small things are drawn only where somebody is big enough: 0 tiny, 1 small, 2 normal, 3 large. */
  detail: 0 | 1 | 2 | 3;
}

export function paintTube(
  easel: Easel,
  rings: readonly Ring[],
  colour: Tint,
  decorate?: (tube: Tube) => void,
  hulls = false,
): Tube {
  const tube = new Tube(easel.view, rings, hulls);
  tube.paint(easel.ctx, colour, decorate ? () => decorate(tube) : undefined);
  easel.body.add(tube.bounds.box());
  return tube;
}

/** Reflective bands: silver between two strips of yellow. */
export function bandsAround(easel: Easel, tube: Tube, places: readonly number[], wide: number, narrow: number): void {
  for (const at of places) {
    tube.band(easel.ctx, at, tint('#e9e24a'), Math.max(1, wide * easel.scale));
    tube.band(easel.ctx, at, tint('#e6e9ec'), Math.max(0.6, narrow * easel.scale));
  }
}
