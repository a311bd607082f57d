import { expectShape, openSession } from '../../drivers/inference/session.ts';
import { type AdapterModel, preprocessOf, Turns } from './network.ts';
import type { Timing } from './types.ts';

export interface CropModelOptions {
  /** Threads of one inference. Default 1. */
  threads?: number;
}

/** A model that looks at one crop of a fixed size. */
export interface CropModel {
  readonly timing: Readonly<Timing>;
  /**
   * Runs the model. Calls made at once are served one after the other.
   * @param crop makes the crop, of the card's input size: packed RGB, 0 to 255
   * @param read takes the outputs apart
   */
  run<T>(crop: () => Uint8Array | Float32Array, read: (outputs: Map<string, Float32Array>) => T): Promise<T>;
  close(): Promise<void>;
}

/**
 * Opens a model for crops of its card's input size.
 * @throws ModelFileError when the file is missing, damaged or takes another input than its card says.
 */
export async function openCropModel(model: AdapterModel, { threads = 1 }: CropModelOptions = {}): Promise<CropModel> {
  const { width, height } = model.input;
  const { channels, mean, std } = preprocessOf(model);
  const session = await openSession(model.file, { threads });
  const shape = [1, 3, height, width];
  let inputName: string;
  try {
    inputName = expectShape(session, shape);
  } catch (error) {
    await session.close();
    throw error;
  }
  const pixels = width * height;
  const planes = new Float32Array(pixels * 3);
  const turns = new Turns();
  const timing = { convert: 0, run: 0, decode: 0 };

  const load = (data: Uint8Array | Float32Array): void => {
    if (data.length !== planes.length) throw new Error(`model ${model.id} takes crops of ${width} x ${height}`);
    for (let channel = 0; channel < 3; channel++) {
      const plane = (channels === 'RGB' ? channel : 2 - channel) * pixels;
      const shift = mean[channel]!;
      const factor = 1 / std[channel]!;
      for (let i = 0; i < pixels; i++) planes[plane + i] = (data[i * 3 + channel]! - shift) * factor;
    }
  };

  return {
    timing,
    run: (crop, read) =>
      turns.take(async () => {
        const began = performance.now();
        load(crop());
        const converted = performance.now();
        const outputs = await session.run({ [inputName]: { data: planes, shape } });
        const ran = performance.now();
        const result = read(outputs);
        timing.convert = converted - began;
        timing.run = ran - converted;
        timing.decode = performance.now() - ran;
        return result;
      }),
    close: () => turns.close(() => session.close()),
  };
}
