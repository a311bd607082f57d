import { type Canvas, createCanvas, Image } from '@napi-rs/canvas';
import { type Random, random } from './random.ts';
import type { Wear } from './types.ts';

/** Normally distributed numbers with deviation 1, as 64ths; a power of two long. */
const GRAIN = grain(1 << 16);

function grain(size: number): Int16Array {
  const numbers = random('grain');
  return Int16Array.from({ length: size }, () => Math.round(numbers.normal() * 64));
}

/**
 * What lens, sensor and encoder do to a picture.
 *
 * @param seed Noise is another for another seed: give the frame's.
 * @returns RGBA of a picture of the same size.
 */
export function wearOut(canvas: Canvas, wear: Wear, seed: number): Uint8ClampedArray {
  const { width, height } = canvas;
  let picture = wear.blur > 0.05 ? blurred(canvas, wear.blur) : canvas;
  if (wear.vignette > 0.01) {
    const ctx = picture.getContext('2d');
    const reach = Math.hypot(width, height) / 2;
    const paint = ctx.createRadialGradient(width / 2, height / 2, reach * 0.35, width / 2, height / 2, reach);
    paint.addColorStop(0, 'rgba(10,12,18,0)');
    paint.addColorStop(0.6, `rgba(10,12,18,${(wear.vignette * 0.22).toFixed(3)})`);
    paint.addColorStop(1, `rgba(10,12,18,${(wear.vignette * 0.62).toFixed(3)})`);
    ctx.fillStyle = paint;
    ctx.fillRect(0, 0, width, height);
  }
  if (wear.jpeg !== undefined) {
    // A sensor's noise comes before its encoder.
    const noisy = createCanvas(width, height);
    const ctx = noisy.getContext('2d');
    const image = ctx.createImageData(width, height);
    image.data.set(pixels(picture, wear.noise, seed));
    ctx.putImageData(image, 0, 0);
    const decoded = new Image();
    decoded.src = noisy.encodeSync('jpeg', Math.max(1, Math.min(100, Math.round(wear.jpeg))));
    ctx.drawImage(decoded, 0, 0);
    picture = noisy;
    return pixels(picture, 0, seed);
  }
  return pixels(picture, wear.noise, seed);
}

/**
 * The same for pixels that are at hand: RGBA, changed in place.
 *
 * @param grains Gives the noise.
 */
export function applyWear(data: Uint8ClampedArray, width: number, height: number, wear: Wear, grains: Random): void {
  const canvas = createCanvas(width, height);
  const ctx = canvas.getContext('2d');
  const image = ctx.createImageData(width, height);
  image.data.set(data);
  ctx.putImageData(image, 0, 0);
  data.set(wearOut(canvas, wear, grains.int(0, 2 ** 31 - 1)));
}

/** Four copies beside each other, each a part as strong as it must be for all to count the same. */
function blurred(canvas: Canvas, radius: number): Canvas {
  const { width, height } = canvas;
  const out = createCanvas(width, height);
  const ctx = out.getContext('2d');
  // The edges of a moved copy would let nothing through.
  ctx.drawImage(canvas, 0, 0);
  const far = radius * 0.8;
  const places: [number, number][] = [
    [far, far * 0.5],
    [-far, -far * 0.5],
    [-far * 0.5, far],
    [far * 0.5, -far],
  ];
  for (const [n, [x, y]] of places.entries()) {
    ctx.globalAlpha = 1 / (n + 2);
    ctx.drawImage(canvas, x, y);
  }
  ctx.globalAlpha = 1;
  return out;
}

function pixels(canvas: Canvas, noise: number, seed: number): Uint8ClampedArray {
  const { width, height } = canvas;
  const copy = canvas.data();
  const data = new Uint8ClampedArray(copy.buffer, copy.byteOffset, width * height * 4);
  if (noise < 0.1) return data;
  const mask = GRAIN.length - 1;
  const { grey, tinge } = grains(noise);
  let from = Math.imul(seed | 0, 0x9e3779b1) >>> 7;
  for (let row = 0; row < height; row += 1) {
    // Every row starts elsewhere in the grain, so it shows no pattern.
    from = (Math.imul(from, 0x2545f491) + 0x3c6ef372) >>> 9;
    const end = (row + 1) * width * 4;
    for (let n = row * width * 4, k = from; n < end; n += 4, k += 1) {
      const amount = grey[k & mask]!;
      data[n] = data[n]! + amount + tinge[(k + 7919) & mask]!;
      data[n + 1] = data[n + 1]! + amount;
      data[n + 2] = data[n + 2]! + amount + tinge[(k + 15731) & mask]!;
    }
  }
  return data;
}

let known: { noise: number; grey: Int16Array; tinge: Int16Array } | undefined;

/** The grain as strong as asked for; noise of brightness is stronger than noise of colour. */
function grains(noise: number): { grey: Int16Array; tinge: Int16Array } {
  if (known?.noise !== noise) {
    const scaled = (factor: number): Int16Array => GRAIN.map((number) => Math.round((number / 64) * factor));
    known = { noise, grey: scaled(noise), tinge: scaled(noise * 0.45) };
  }
  return known;
}
