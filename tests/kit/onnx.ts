import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FLOAT, field, float32, node, number, text, valueInfo } from '../../drivers/inference/made-model.ts';
import type { HeadCard } from '../../models/catalog.ts';
import type { InstalledModel } from '../../models/install.ts';

/** Small models written byte by byte, so that code around models can be tested without any that was trained. */

/**
 * A model that looks at the mean of each plane of its picture: output i is bias[i] plus the three means times
 * weights[0..2][i].
 * @returns the bytes of an ONNX file with input [1, 3, height, width] and output [1, bias.length]
 */
export function meanModel(
  input: { width: number; height: number },
  weights: readonly [readonly number[], readonly number[], readonly number[]],
  bias: readonly number[],
): Uint8Array {
  const tensor = (name: string, shape: number[], values: readonly number[]) =>
    field(5, [
      ...shape.flatMap((size) => number(1, size)),
      ...number(2, FLOAT),
      ...field(8, text(name)),
      ...field(9, values.flatMap(float32)),
    ]);
  const graph = [
    ...field(1, node('GlobalAveragePool', ['x'], 'pooled')),
    ...field(1, node('Flatten', ['pooled'], 'means')),
    ...field(1, node('Gemm', ['means', 'weights', 'bias'], 'y')),
    ...field(2, text('made')),
    ...tensor('weights', [3, bias.length], weights.flat()),
    ...tensor('bias', [bias.length], bias),
    ...field(11, valueInfo('x', [1, 3, input.height, input.width])),
    ...field(12, valueInfo('y', [1, bias.length])),
  ];
  return Uint8Array.from([...number(1, 6), ...field(7, graph), ...field(8, number(2, 11))]);
}

/** A model that gives the same numbers for every picture. */
export function constantModel(input: { width: number; height: number }, values: readonly number[]): Uint8Array {
  const none = values.map(() => 0);
  return meanModel(input, [none, none, none], values);
}

const PLAIN = { channels: 'RGB', mean: [0, 0, 0], std: [255, 255, 255], fit: 'stretch', fill: 114 } as const;

/** The card of a made model whose file lies at `file`; bytes count from 0 to 1. */
export function madeCard(
  change: Partial<InstalledModel> & Pick<InstalledModel, 'id' | 'task' | 'file'>,
): InstalledModel {
  return {
    name: change.id,
    description: 'Made for a test.',
    also: [],
    adapter: 'attributes',
    input: { width: 16, height: 16 },
    preprocess: { ...PLAIN, mean: [...PLAIN.mean], std: [...PLAIN.std] },
    labels: ['any'],
    licence: 'CC0-1.0',
    size: 1,
    sha256: '0'.repeat(64),
    recommended: false,
    ...change,
  };
}

/** Writes made models into a folder of their own. */
export class ModelFolder {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** @param t whose end takes the folder away */
  static async make(t: { after(end: () => Promise<void>): void }): Promise<ModelFolder> {
    const path = await mkdtemp(join(tmpdir(), 'gatehouse-made-models-'));
    t.after(() => rm(path, { recursive: true, force: true }));
    return new ModelFolder(path);
  }

  /** Gives the file's path. */
  async put(id: string, bytes: Uint8Array): Promise<string> {
    const file = join(this.#path, `${id}.onnx`);
    await writeFile(file, bytes);
    return file;
  }

  /** A model of attributes that says the same of everybody: `output` holds the numbers of the heads, in their order. */
  async describing(task: InstalledModel['task'], heads: HeadCard[], output: number[]): Promise<InstalledModel> {
    const id = `made-${task}`;
    const input = { width: 16, height: 16 };
    const file = await this.put(id, constantModel(input, output));
    return madeCard({ id, task, file, heads, input });
  }

  /** A model that finds a plate in the middle of every picture, half as broad and a quarter as high as 32 pixels of 32. */
  async plateFinder(score = 0.9): Promise<InstalledModel> {
    const input = { width: 32, height: 32 };
    const cells = 16 + 4 + 1;
    const width = 5 + 1;
    const rows = new Float32Array(cells * width);
    // The one cell of stride 32.
    rows.set([0.5, 0.5, Math.log(0.5), Math.log(0.25), score, 1], 20 * width);
    const file = await this.put('made-plate-detection', constantModel(input, [...rows]));
    const task = 'plate-detection';
    return madeCard({ id: `made-${task}`, task, adapter: 'yolox', file, input, labels: ['plate'] });
  }

  /** A model that reads this in every picture, each character as surely. */
  async plateReader(text: string, sure = 0.9): Promise<InstalledModel> {
    const input = { width: 16, height: 16 };
    const labels = [...new Set(text)];
    const steps = [...text].flatMap((one) => [
      ...[...labels, ''].map((label) => (label === one ? sure : 0)),
      ...[...labels, ''].map((label) => (label === '' ? 1 : 0)),
    ]);
    const file = await this.put('made-plate-text', constantModel(input, steps));
    return madeCard({ id: 'made-plate-text', task: 'plate-text', adapter: 'ctc', file, input, labels });
  }
}
