import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { prepareGraph } from './onnx-graph.ts';

/** A named input or output. A dimension is a number, or the name the model gives to one that is free. */
export interface TensorSpec {
  name: string;
  shape: readonly (number | string)[];
}

export interface TensorData {
  data: Float32Array;
  shape: readonly number[];
}

export interface SessionOptions {
  /** Threads of one inference; 1 where several streams share the cores. */
  threads: number;
  /** Declares the model's only input with this shape, for fully convolutional models of another fixed size. */
  inputShape?: readonly number[];
}

export interface ModelSession {
  readonly file: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /**
   * Runs the model. The runtime computes on the calling thread: the event loop stands still meanwhile. It also reads
   * the feeds only after this call has returned, so their arrays must not change until the promise settles.
   * @returns every output by its name, in arrays of their own.
   */
  run(feeds: Record<string, TensorData>): Promise<Map<string, Float32Array>>;
  /**
   * Ties the model to arrays: each call of the function runs what lies in the feeds then, and writes into the same
   * outputs as the call before. For models whose outputs keep their shape; saves 3 % of YOLOX-nano. Calls must not
   * overlap.
   */
  bind(feeds: Record<string, TensorData>): () => Promise<Map<string, Float32Array>>;
  /** Gives the model back. The memory is freed when the last holder of the same session closes. */
  close(): Promise<void>;
}

/** The model's file cannot be used as it is: missing, damaged, or not the model its description promises. */
export class ModelFileError extends Error {
  readonly file: string;

  constructor(file: string, what: string, options?: ErrorOptions) {
    super(`model file ${file} ${what}`, options);
    this.name = 'ModelFileError';
    this.file = file;
  }
}

interface Shared {
  opened: Promise<InferenceSession>;
  holders: number;
}

/** Open sessions by file and settings: weights and work memory are held once, however many use them. */
const shared = new Map<string, Shared>();

async function load(file: string, options: SessionOptions): Promise<InferenceSession> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new ModelFileError(file, missing ? 'is missing' : `cannot be read: ${(error as Error).message}`);
  }
  try {
    return await InferenceSession.create(prepareGraph(bytes, options.inputShape), {
      intraOpNumThreads: options.threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      // Its warnings are about how a model was exported, which nobody at the box can change.
      logSeverityLevel: 3,
      // Threads that wait by spinning would take the cores from the decoders.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  } catch (error) {
    const doing = options.inputShape
      ? `cannot be opened with input [${options.inputShape}]`
      : 'is damaged or no ONNX model';
    throw new ModelFileError(file, `${doing}: ${(error as Error).message}`, { cause: error });
  }
}

function specs(metadata: readonly InferenceSession.ValueMetadata[]): TensorSpec[] {
  return metadata.map((one) => ({ name: one.name, shape: one.isTensor ? one.shape : [] }));
}

function tensorsOf(feeds: Record<string, TensorData>): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = {};
  for (const [name, { data, shape }] of Object.entries(feeds)) tensors[name] = new Tensor('float32', data, shape);
  return tensors;
}

function arraysOf(results: InferenceSession.ReturnType, file: string): Map<string, Float32Array> {
  const outputs = new Map<string, Float32Array>();
  for (const [name, tensor] of Object.entries(results)) {
    if (!(tensor.data instanceof Float32Array))
      throw new ModelFileError(file, `has an output ${name} of ${tensor.type}`);
    outputs.set(name, tensor.data);
  }
  return outputs;
}

/**
 * Opens an ONNX model, or joins the session that is open for the same file, threads and input shape.
 * @throws ModelFileError naming the file when it is missing, damaged, or cannot take `inputShape`.
 */
export async function openSession(path: string, options: SessionOptions): Promise<ModelSession> {
  if (!Number.isInteger(options.threads) || options.threads < 1) throw new RangeError('threads must be 1 or more');
  const file = resolve(path);
  const key = JSON.stringify([file, options.threads, options.inputShape ?? null]);
  const entry: Shared = shared.get(key) ?? { opened: load(file, options), holders: 0 };
  shared.set(key, entry);
  entry.holders += 1;

  const leave = async (): Promise<void> => {
    entry.holders -= 1;
    if (entry.holders > 0) return;
    if (shared.get(key) === entry) shared.delete(key);
    await (await entry.opened).release();
  };

  let session: InferenceSession;
  try {
    session = await entry.opened;
  } catch (error) {
    // A file that failed may be repaired: the next call reads it again.
    if (shared.get(key) === entry) shared.delete(key);
    throw error;
  }
  let closed = false;
  const checkOpen = (): void => {
    if (closed) throw new Error(`the session of ${file} is closed`);
  };
  return {
    file,
    inputs: specs(session.inputMetadata),
    outputs: specs(session.outputMetadata),
    run: async (feeds) => {
      checkOpen();
      return arraysOf(await session.run(tensorsOf(feeds)), file);
    },
    bind: (feeds) => {
      const tensors = tensorsOf(feeds);
      let results: InferenceSession.ReturnType | undefined;
      let outputs: Map<string, Float32Array> | undefined;
      return async () => {
        checkOpen();
        if (results && outputs) {
          await session.run(tensors, results);
          return outputs;
        }
        results = await session.run(tensors);
        outputs = arraysOf(results, file);
        return outputs;
      };
    },
    close: async () => {
      if (closed) return;
      closed = true;
      await leave();
    },
  };
}

function matches(shape: readonly (number | string)[], expected: readonly number[]): boolean {
  return shape.length === expected.length && shape.every((size, i) => typeof size === 'string' || size === expected[i]);
}

/**
 * Checks that the model has one input, of the expected shape; a free dimension takes any size.
 * @returns the input's name.
 * @throws ModelFileError naming the file and both shapes.
 */
export function expectShape(session: ModelSession, expected: readonly number[]): string {
  const [input, ...others] = session.inputs;
  if (!input || others.length > 0) {
    throw new ModelFileError(session.file, `has ${session.inputs.length} inputs where one is expected`);
  }
  if (!matches(input.shape, expected)) {
    throw new ModelFileError(session.file, `takes input [${input.shape}] where [${expected}] is expected`);
  }
  return input.name;
}
