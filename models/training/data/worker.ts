import { openSync } from 'node:fs';
import {
  type Dataset,
  type DatasetSettings,
  type FromWorker,
  type Maker,
  type ToWorker,
  writePixels,
} from './dataset.ts';

/** A process that draws pictures of one dataset, a range of them at a time, and writes them to their place in the file. */

let maker: Maker<unknown> | undefined;
let file = -1;
let chunk = new Uint8Array(0);

function answer(message: FromWorker): void {
  process.send?.(message);
}

function draw(from: number, to: number): void {
  if (!maker) throw new Error('told to draw before it knew what');
  const bytes = maker.width * maker.height * 3;
  if (chunk.length < bytes * (to - from)) chunk = new Uint8Array(bytes * (to - from));
  const rows: unknown[] = [];
  for (let index = from; index < to; index++) {
    const sample = maker.draw(index);
    if (sample.pixels.length !== bytes) throw new Error(`picture ${index} has ${sample.pixels.length} bytes`);
    chunk.set(sample.pixels, bytes * (index - from));
    rows.push(sample.row);
  }
  writePixels(file, chunk.subarray(0, bytes * (to - from)), from, bytes);
  answer({ say: 'drawn', from, rows });
}

process.on('message', async (message: ToWorker) => {
  switch (message.say) {
    case 'open': {
      const module: { dataset: Dataset<DatasetSettings, unknown> } = await import(message.module);
      maker = module.dataset.open(message.settings);
      file = openSync(message.file, 'r+');
      return answer({ say: 'ready' });
    }
    case 'draw':
      return draw(message.from, message.to);
    case 'end':
      // Not `disconnect`: the drawing library may keep threads that would hold the process.
      return process.exit(0);
  }
});
process.on('disconnect', () => process.exit(1));
