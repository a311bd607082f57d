/** Figures of an open-set search: people who are enrolled are looked for, and so are strangers, who must not be found. */

/** The nearest enrolled face of somebody looked for, and how near his own is. */
export interface Searched {
  /** Cosine of the nearest. */
  best: number;
  /** Cosine of his own enrolled face; undefined for a stranger. */
  own?: number;
}

/**
 * The threshold that at most this part of the strangers passes: nearer than it is a match.
 * @returns the largest cosine that is still refused; infinite without strangers
 */
export function thresholdFor(strangers: readonly Searched[], rate: number): number {
  const bests = strangers.map(({ best }) => best).sort((a, b) => b - a);
  // A part of a stranger is none: rounding must not turn 10 % of 30 into two.
  return bests[Math.floor(bests.length * rate + 1e-9)] ?? Number.POSITIVE_INFINITY;
}

/** FPIR: the part of the strangers for whom somebody is told. */
export function falsePositives(strangers: readonly Searched[], threshold: number): number {
  return strangers.filter(({ best }) => best > threshold).length / strangers.length;
}

/** FNIR: the part of the enrolled who are not told, or for whom somebody else is, who is nearer. */
export function falseNegatives(enrolled: readonly Searched[], threshold: number): number {
  return enrolled.filter(({ best, own = -1 }) => own < best || own <= threshold).length / enrolled.length;
}

/** Of two vectors of length 1. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += a[at]! * b[at]!;
  return sum;
}

/** Correlation of ranks, -1..1; equal values share the mean of their ranks. NaN where one of both never changes. */
export function spearman(xs: readonly number[], ys: readonly number[]): number {
  const [a, b] = [ranks(xs), ranks(ys)];
  const mean = (a.length - 1) / 2;
  let [both, ofA, ofB] = [0, 0, 0];
  for (const [at, rank] of a.entries()) {
    const [da, db] = [rank - mean, (b[at] ?? mean) - mean];
    both += da * db;
    ofA += da * da;
    ofB += db * db;
  }
  return both / Math.sqrt(ofA * ofB);
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((value, at) => ({ value, at })).sort((a, b) => a.value - b.value);
  const found = new Array<number>(values.length).fill(0);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && order[to + 1]!.value === order[from]!.value) to += 1;
    for (let at = from; at <= to; at += 1) found[order[at]!.at] = (from + to) / 2;
    from = to + 1;
  }
  return found;
}
