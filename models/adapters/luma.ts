/** Brightness of a part of a picture: `width * height` values 0..255, row by row. */
export interface LumaPatch {
  width: number;
  height: number;
  values: Float32Array;
}

/** Mean and standard deviation of the brightness. */
export function brightness({ values }: LumaPatch): { mean: number; deviation: number } {
  return momentsOf(values);
}

/**
 * Standard deviation of the Laplacian (4 neighbours) inside the outermost values: how much fine structure there is. Blur
 * and small pictures that were scaled up have little.
 */
export function fineStructure({ width, height, values }: LumaPatch): number {
  const laplacian = new Float32Array((width - 2) * (height - 2));
  for (let y = 1, i = 0; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1, i += 1) {
      const at = y * width + x;
      laplacian[i] = values[at - 1]! + values[at + 1]! + values[at - width]! + values[at + width]! - 4 * values[at]!;
    }
  }
  return momentsOf(laplacian).deviation;
}

function momentsOf(values: Float32Array): { mean: number; deviation: number } {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / values.length) };
}
