import type { Box, Detection } from '../../../core/vision/keys.ts';
import type { Scaling } from './sift.ts';

/** What models call a number plate. */
export const PLATE_LABEL = 'plate';
/** Weaker finds are as often a grille or a sticker. */
const LEAST_SCORE = 0.4;

/**
 * Vehicles with the number plate that is to be seen on each, null where there is none; so a best shot can be one whose
 * plate can be read. Where one vehicle stands before another, a plate belongs to the one it fills more of.
 * @param vehicles in native pixels
 * @param found all finds of the frame, in pixels of the scaled picture
 */
export function withPlates(
  vehicles: readonly Detection[],
  found: readonly Detection[],
  { scaleX, scaleY }: Scaling,
): Detection[] {
  const plates = new Map<Detection, Box>();
  for (const { label, score, box } of found) {
    if (label !== PLATE_LABEL || score < LEAST_SCORE) continue;
    const plate: Box = [box[0] * scaleX, box[1] * scaleY, box[2] * scaleX, box[3] * scaleY];
    const vehicle = vehicles.filter((one) => holds(one.box, plate)).sort((a, b) => area(a.box) - area(b.box))[0];
    if (!vehicle) continue;
    const other = plates.get(vehicle);
    if (!other || area(other) < area(plate)) plates.set(vehicle, plate);
  }
  return vehicles.map((one) => ({ ...one, plate: plates.get(one) ?? null }));
}

function holds([left, top, right, bottom]: Box, plate: Box): boolean {
  const [x, y] = [(plate[0] + plate[2]) / 2, (plate[1] + plate[3]) / 2];
  return x > left && x < right && y > top && y < bottom;
}

function area([left, top, right, bottom]: Box): number {
  return (right - left) * (bottom - top);
}
