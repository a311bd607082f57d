/** Numbers that look random and are the same for the same seed on every machine. */
export interface Random {
  /** 0 inclusive to 1 exclusive. */
  next(): number;
  /** Evenly between, `to` exclusive. */
  between(from: number, to: number): number;
  /** Whole numbers, both inclusive. */
  int(from: number, to: number): number;
  /** About normally distributed with mean 0 and deviation 1, never beyond ±3. */
  normal(): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** A stream of its own, independent of how many numbers this one has given. */
  stream(name: string): Random;
}

/** Mulberry32 over a hash of the seed (both public domain): small, fast and even enough for pictures. */
export function random(seed: number | string): Random {
  const name = String(seed);
  let state = hash(name);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = (): number => {
    // The sum of twelve even numbers has deviation 1.
    let sum = -6;
    for (let n = 0; n < 12; n += 1) sum += next();
    return Math.max(-3, Math.min(3, sum));
  };
  return {
    next,
    normal,
    between: (from, to) => from + (to - from) * next(),
    int: (from, to) => from + Math.floor(next() * (to - from + 1)),
    chance: (probability) => next() < probability,
    pick: (list) => {
      if (list.length === 0) throw new RangeError('nothing to pick from');
      return list[Math.floor(next() * list.length)]!;
    },
    stream: (child) => random(`${name}/${child}`),
  };
}

/** FNV-1a, 32 bits, stirred once more so that names that differ in one letter start far apart. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return value ^ (value >>> 13);
}
