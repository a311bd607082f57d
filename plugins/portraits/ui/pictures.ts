import type { Box } from '../../../core/vision/keys.ts';
import type { Chosen } from './shapes.ts';

/** Pictures between the user and the box: bytes, addresses to draw them from, parts of them. */

/** What the box takes at most, bytes. */
export const LARGEST = 20 * 1024 * 1024;

export function chosenOf(blob: Blob, name = ''): Chosen {
  return { blob, name, src: URL.createObjectURL(blob) };
}

/** A part that was cut out of a picture: of a capture, or of a part of one, it is still known which. */
export function partOf(whole: Chosen, blob: Blob): Chosen {
  const takenFrom = whole.capture ?? whole.takenFrom;
  return { ...chosenOf(blob, whole.name), ...(takenFrom === undefined ? {} : { takenFrom }) };
}

/** Lets go what the browser keeps for its address. */
export function release(chosen: Chosen | undefined): void {
  if (chosen?.blob) URL.revokeObjectURL(chosen.src);
}

/** The picture as the routes take it: base64, or the path of a stored capture. */
export async function bodyOf(chosen: Chosen): Promise<{ picture: string } | { capture: string }> {
  if (chosen.capture !== undefined) return { capture: chosen.capture };
  return { picture: await base64Of(chosen.blob!) };
}

export function base64Of(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => {
      const address = String(reader.result);
      resolve(address.slice(address.indexOf(',') + 1));
    };
    reader.onerror = () => reject(reader.error ?? new Error('the file could not be read'));
    reader.readAsDataURL(blob);
  });
}

/**
 * The part of a picture around one face, as a picture of its own.
 * @param frame size of the upright picture the boxes are told in
 * @param others faces that are not meant
 */
export async function cutOut(
  src: string,
  box: Box,
  frame: { width: number; height: number },
  others: readonly Box[],
): Promise<Blob> {
  const image = new Image();
  image.src = src;
  await image.decode();
  // Drawn upright by the browser as well, but maybe in another size than the box told.
  const scale = image.naturalWidth / frame.width;
  const [left, top, right, bottom] = around(box, frame, others);
  const canvas = document.createElement('canvas');
  canvas.width = Math.round((right - left) * scale);
  canvas.height = Math.round((bottom - top) * scale);
  canvas
    .getContext('2d')!
    .drawImage(image, left * scale, top * scale, canvas.width, canvas.height, 0, 0, canvas.width, canvas.height);
  return blobOf(canvas);
}

/** So much of a face's size is kept around it, and at least so much, whoever stands beside. */
const AROUND = 0.6;
const CLOSE = 0.15;

/** A face with some room around it, but without the faces beside it as far as that is possible. */
export function around(
  [left, top, right, bottom]: Box,
  { width, height }: { width: number; height: number },
  others: readonly Box[],
): Box {
  const size = Math.max(right - left, bottom - top);
  const far: Box = [left - AROUND * size, top - AROUND * size, right + AROUND * size, bottom + AROUND * size];
  for (const other of others) {
    const beside = other[1] < far[3] && other[3] > far[1];
    const above = other[0] < far[2] && other[2] > far[0];
    // Each side gives way only to those who stand on that side.
    if (beside && other[2] <= left + size / 2) far[0] = Math.max(far[0], Math.min(other[2], left - CLOSE * size));
    else if (beside && other[0] >= right - size / 2)
      far[2] = Math.min(far[2], Math.max(other[0], right + CLOSE * size));
    else if (above && other[3] <= top + size / 2) far[1] = Math.max(far[1], Math.min(other[3], top - CLOSE * size));
    else if (above && other[1] >= bottom - size / 2)
      far[3] = Math.min(far[3], Math.max(other[1], bottom + CLOSE * size));
  }
  return [Math.max(0, far[0]), Math.max(0, far[1]), Math.min(width, far[2]), Math.min(height, far[3])];
}

export function blobOf(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('the picture could not be cut'))),
      'image/jpeg',
      0.95,
    ),
  );
}
