/** What pictures from outside may be. */
export const PICTURE_LIMITS = {
  bytes: 32 * 1024 ** 2,
  pixels: 40_000_000,
  longest: 12_000,
  shortest: 32,
} as const;

/** A picture is examined, and told, no longer than this. */
export const EXAMINED_SIDE = 1_920;

/** Faces of one picture; the largest are told. */
export const MOST_FACES = 100;
