import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import sharp, { type Sharp } from 'sharp';
import type { InstalledModel } from '../../models/install.ts';
import { ModelFolder, madeCard, meanModel } from '../../tests/kit/onnx.ts';
import { until } from '../../tests/kit/wait.ts';
import type { Models } from '../model-watch.ts';
import { PictureError, type PictureFault } from '../plugin/face-services.ts';
import { ImageService, type ImagesOptions } from './service.ts';

/** Pictures and models made for tests. */

/** A picture of one colour, to be encoded. */
export function plain(width: number, height: number, background = '#c08040', channels: 3 | 4 = 3): Sharp {
  return sharp({ create: { width, height, channels, background } });
}

const SIDE = 32;
/** Box and objectness, one class, five landmarks. */
const ROW = 5 + 1 + 10;

/**
 * A detector that sees one face in the middle of each picture that has enough of a colour: 16 of its 32 pixels wide, 20
 * high, its landmarks where they belong.
 */
export async function madeDetector(
  folder: ModelFolder,
  id: string,
  colour: 'red' | 'green' | 'blue',
  more: Partial<InstalledModel> = {},
): Promise<InstalledModel> {
  const cells = (SIDE / 8) ** 2 + (SIDE / 16) ** 2 + 1;
  const bias = new Array<number>(cells * ROW).fill(0);
  const weights = [0, 1, 2].map(() => new Array<number>(cells * ROW).fill(0)) as [number[], number[], number[]];
  // The last cell is the only one of its stride of 32 pixels: offsets count from the corner.
  const at = (cells - 1) * ROW;
  const points = [0.4, 0.42, 0.6, 0.42, 0.5, 0.52, 0.43, 0.62, 0.57, 0.62];
  const row = [0.5, 0.5, Math.log(16 / 32), Math.log(20 / 32), 0, 0.9, ...points];
  for (const [i, value] of row.entries()) bias[at + i] = value;
  weights[['red', 'green', 'blue'].indexOf(colour)]![at + 4] = 1;
  const file = await folder.put(id, meanModel({ width: SIDE, height: SIDE }, weights, bias));
  return madeCard({
    id,
    task: 'face-detection',
    adapter: 'yolox',
    landmarks: true,
    labels: ['face'],
    input: { width: SIDE, height: SIDE },
    file,
    ...more,
  });
}

/** A model that describes faces by the colour of their crop. */
export async function madeEmbedder(
  folder: ModelFolder,
  id: string,
  more: Partial<InstalledModel> = {},
): Promise<InstalledModel> {
  const dimension = 8;
  const part = (from: number) => Array.from({ length: dimension }, (_, i) => (i % 3 === from ? 1 : 0.1));
  const bias = new Array<number>(dimension).fill(0.01);
  const file = await folder.put(id, meanModel({ width: 112, height: 112 }, [part(0), part(1), part(2)], bias));
  return madeCard({
    id,
    task: 'face-embedding',
    adapter: 'arcface',
    labels: ['face'],
    input: { width: 112, height: 112 },
    embedding: {
      dimension,
      similarity: [
        [0, 0],
        [0.5, 80],
        [1, 100],
      ],
      basis: 'Made for a test.',
    },
    file,
    ...more,
  });
}

export const RED = '#ff0000';
export const GREEN = '#00ff00';
export const BLUE = '#0000ff';
const demo = { madeFor: 'demo' } as const;

/** Real models, made: one sees a face in red pictures, the demo's in green ones. */
export async function made(t: TestContext) {
  const folder = await ModelFolder.make(t);
  return {
    folder,
    detector: await madeDetector(folder, 'made-detector', 'red'),
    demoDetector: await madeDetector(folder, 'demo-detector', 'green', demo),
    embedder: await madeEmbedder(folder, 'made-faces'),
    demoEmbedder: await madeEmbedder(folder, 'demo-faces', demo),
  };
}

/** Models that stay what they are. */
export const theseModels = (models: InstalledModel[]): Models => ({ models, faults: [], onChange: () => () => {} });

/** A service with these models, and what it logs. */
export async function start(t: TestContext, models: InstalledModel[], options: Partial<ImagesOptions> = {}) {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  const service = new ImageService({ models: theseModels(models), log, ...options });
  t.after(() => service.stop());
  service.start();
  return { service, lines };
}

export const picture = (colour: string, width = 96) => plain(width, 120, colour).png().toBuffer();

/** For `assert.rejects`. */
export function refused(fault: PictureFault) {
  return (error: unknown) => {
    assert.ok(error instanceof PictureError, String(error));
    assert.equal(error.fault, fault, error.message);
    return true;
  };
}

/** The worker's process, once it has one. */
export const pidOf = (service: ImageService, not?: number) =>
  until(
    'the image worker',
    () => service.report.state === 'running' && service.report.pid !== not && service.report.pid,
  );
