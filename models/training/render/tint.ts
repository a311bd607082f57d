/** Red, green and blue, 0..255. */
export type Tint = readonly [number, number, number];

/** Of `#rrggbb`. */
export function tint(hex: string): Tint {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

export function css(colour: Tint, alpha = 1): string {
  const [r, g, b] = colour.map((part) => Math.max(0, Math.min(255, Math.round(part))));
  return alpha >= 1 ? `rgb(${r},${g},${b})` : `rgba(${r},${g},${b},${Math.max(0, alpha).toFixed(4)})`;
}

/** `part` 0 is the first, 1 the second. */
export function mix(from: Tint, to: Tint, part: number): Tint {
  return [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part, from[2] + (to[2] - from[2]) * part];
}

/** Brighter above 1, darker below; never beyond white. */
export function shade(colour: Tint, factor: number): Tint {
  return factor <= 1
    ? [colour[0] * factor, colour[1] * factor, colour[2] * factor]
    : mix(colour, [255, 255, 255], Math.min(1, (factor - 1) * 0.8));
}

/** Hue 0..360, saturation and lightness 0..1. */
export function hsl(hue: number, saturation: number, lightness: number): Tint {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const part = (n: number): number => {
    const k = (n + hue / 30) % 12;
    return 255 * (lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1)));
  };
  return [part(0), part(8), part(4)];
}
