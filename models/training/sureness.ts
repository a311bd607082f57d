import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { openSession } from '../../drivers/inference/session.ts';
import type { HeadCard } from '../catalog.ts';

/** Of the answers a model of attributes gives aloud, so many shall be right. */
const RIGHT = 0.97;
/** A head that is so sure of fewer pictures than this part says nothing at all. */
const LEAST_ANSWERS = 0.02;

/** From which probability on a head is to be believed, and what it then answers. */
export interface Sureness {
  /** 1: never. */
  least: number;
  /** Part of the pictures with a known truth that get an answer, 0..1. */
  answered: number;
  /** Part of those answers that are right, 0..1. */
  right: number;
}

const metaSchema = z.looseObject({ count: z.int(), height: z.int(), width: z.int() });

/**
 * Finds for each head the probability from which its answers are right often enough, on pictures the training never saw.
 * Heads that answer with a number have none.
 * @param folder a dataset of attributes: `meta.json`, `images.u8`, `labels.i16`.
 */
export async function surenessOf(
  file: string,
  heads: readonly HeadCard[],
  folder: string,
): Promise<Map<string, Sureness>> {
  const { count, height, width } = metaSchema.parse(JSON.parse(await readFile(join(folder, 'meta.json'), 'utf8')));
  const labelBytes = await readFile(join(folder, 'labels.i16'));
  const labels = new Int16Array(labelBytes.buffer, labelBytes.byteOffset, count * heads.length);
  const shape = [1, 3, height, width];
  const session = await openSession(file, { threads: 1, inputShape: shape });
  const planes = new Float32Array(3 * height * width);
  const run = session.bind({ input: { data: planes, shape } });
  const images = await open(join(folder, 'images.u8'));
  const pixels = Buffer.alloc(height * width * 3);
  const answers = heads.map((): { score: number; right: boolean }[] => []);
  try {
    for (let n = 0; n < count; n += 1) {
      await images.read(pixels, 0, pixels.length, n * pixels.length);
      for (let i = 0; i < pixels.length; i += 1) planes[(i % 3) * height * width + Math.floor(i / 3)] = pixels[i]!;
      const [output] = [...(await run()).values()];
      let at = 0;
      for (const [h, { values }] of heads.entries()) {
        const label = labels[n * heads.length + h]!;
        const own = output!.subarray(at, at + Math.max(1, values.length));
        at += own.length;
        if (label < 0 || values.length === 0) continue;
        const best = own.indexOf(Math.max(...own));
        answers[h]!.push({ score: own[best]!, right: best === label });
      }
    }
  } finally {
    await images.close();
    await session.close();
  }
  return new Map(
    heads.flatMap(({ name, values }, h) => (values.length === 0 ? [] : [[name, surest(answers[h]!)] as const])),
  );
}

/** The lowest probability from which on enough answers are right. */
export function surest(answers: readonly { score: number; right: boolean }[]): Sureness {
  const sorted = [...answers].sort((a, b) => b.score - a.score);
  let right = 0;
  let best: Sureness = { least: 1, answered: 0, right: 0 };
  for (const [n, answer] of sorted.entries()) {
    if (answer.right) right += 1;
    const given = n + 1;
    // Equal scores are answered together or not at all.
    if (sorted[given]?.score === answer.score) continue;
    if (given < LEAST_ANSWERS * sorted.length || right < RIGHT * given) continue;
    best = { least: Math.floor(answer.score * 1000) / 1000, answered: given / sorted.length, right: right / given };
  }
  return best;
}
