import { expectShape, type ModelSession, openSession } from '../../drivers/inference/session.ts';
import type { ModelCard, Preprocess } from '../catalog.ts';
import { fittedSize, Letterbox } from './letterbox.ts';
import { Resizer } from './resize.ts';
import type { Size } from './types.ts';

/** An installed model as the adapters need it: its card and its file. */
export type AdapterModel = Pick<
  ModelCard,
  | 'id'
  | 'task'
  | 'adapter'
  | 'input'
  | 'preprocess'
  | 'labels'
  | 'landmarks'
  | 'embedding'
  | 'heads'
  | 'crop'
  | 'answers'
> & {
  file: string;
  /** Finds the landmarks of a face more exactly before this model looks at it. */
  aligner?: AdapterModel;
  /** Models that are asked as well; the probabilities of all are averaged. */
  others?: AdapterModel[];
};

/** A model opened for one input size, with the buffer of that size. */
export interface Variant {
  session: ModelSession;
  letterbox: Letterbox;
  /** Runs the picture that lies in the letterbox; the next run writes over these outputs. */
  run(): Promise<Map<string, Float32Array>>;
}

export interface NetworkOptions {
  threads: number;
  /** Largest input, in multiples of the card's `multipleOf`; the card's own size if not given. */
  input?: Size;
  /**
   * Opens the model at the size the picture needs instead of computing on the empty border as well: a 16:9 picture
   * takes YOLOX-nano 60 % of the time. Holds one session per shape.
   */
  trim: boolean;
}

/** Cameras come in few shapes. Beyond these the full input is used, so that no stream can make memory grow. */
const MOST_VARIANTS = 4;

/** @throws Error when the card has no preprocessing. */
export function preprocessOf(model: AdapterModel): Preprocess {
  if (!model.preprocess) throw new Error(`model ${model.id}: its card does not say how pictures are prepared`);
  return model.preprocess;
}

function fullInput(model: AdapterModel, wanted: Size | undefined): Size {
  const { width, height, multipleOf } = model.input;
  if (!wanted || (wanted.width === width && wanted.height === height)) return { width, height };
  if (!multipleOf) throw new RangeError(`model ${model.id} runs at ${width} x ${height} only`);
  const fits = (size: number) => Number.isInteger(size) && size > 0 && size <= 4096 && size % multipleOf === 0;
  if (!fits(wanted.width) || !fits(wanted.height)) {
    throw new RangeError(`the input of model ${model.id} must be multiples of ${multipleOf}, at most 4096`);
  }
  return { width: wanted.width, height: wanted.height };
}

/** A model, and its input buffers for the picture shapes it meets. Not for calls that overlap; see `Turns`. */
export class Network {
  readonly input: Size;
  readonly #model: AdapterModel;
  readonly #options: NetworkOptions;
  readonly #preprocess: Preprocess;
  readonly #resizer = new Resizer();
  readonly #variants = new Map<string, Variant>();

  private constructor(model: AdapterModel, options: NetworkOptions) {
    this.input = fullInput(model, options.input);
    this.#model = model;
    this.#options = options;
    this.#preprocess = preprocessOf(model);
  }

  /** @throws ModelFileError when the file is missing, damaged or takes another input than its card says. */
  static async open(model: AdapterModel, options: NetworkOptions): Promise<Network> {
    const network = new Network(model, options);
    const { width, height } = model.input;
    const session = await openSession(model.file, { threads: options.threads });
    try {
      // A wrong file shows when the box starts, not at the first frame.
      expectShape(session, [1, 3, height, width]);
      if (!options.trim) await network.#open(network.input);
    } finally {
      await session.close();
    }
    return network;
  }

  /** The variant for a picture of this size. */
  async variant(picture: Size): Promise<Variant> {
    return this.#variants.get(sizeKey(this.#sizeFor(picture))) ?? (await this.#open(this.#sizeFor(picture)));
  }

  async close(): Promise<void> {
    const variants = [...this.#variants.values()];
    this.#variants.clear();
    for (const { session } of variants) await session.close();
  }

  #sizeFor(picture: Size): Size {
    const { multipleOf } = this.#model.input;
    if (!this.#options.trim || !multipleOf) return this.input;
    const fitted = fittedSize(picture, this.input, this.#preprocess.fit);
    const up = (size: number) => Math.ceil(size / multipleOf) * multipleOf;
    const size = { width: up(fitted.width), height: up(fitted.height) };
    return this.#variants.has(sizeKey(size)) || this.#variants.size < MOST_VARIANTS ? size : this.input;
  }

  async #open(size: Size): Promise<Variant> {
    const known = this.#variants.get(sizeKey(size));
    if (known) return known;
    const shape = [1, 3, size.height, size.width];
    const own = size.width === this.#model.input.width && size.height === this.#model.input.height;
    const session = await openSession(this.#model.file, {
      threads: this.#options.threads,
      ...(own ? {} : { inputShape: shape }),
    });
    try {
      const inputName = expectShape(session, shape);
      const letterbox = new Letterbox(size, this.#preprocess, this.#resizer);
      const variant = { session, letterbox, run: session.bind({ [inputName]: { data: letterbox.data, shape } }) };
      this.#variants.set(sizeKey(size), variant);
      return variant;
    } catch (error) {
      await session.close();
      throw error;
    }
  }
}

function sizeKey(size: Size): string {
  return `${size.width}x${size.height}`;
}

/** Lets calls in one after the other: they share the input's and the outputs' buffers. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new Error('this model is closed'));
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Waits for all calls under way, then runs `last`; later calls are refused. */
  async close(last: () => Promise<void>): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#last;
    await last();
  }
}

/** The output of that name, which must hold `length` numbers. */
export function output(outputs: Map<string, Float32Array>, name: string, length: number): Float32Array {
  const values = outputs.get(name);
  if (!values) throw new Error(`the model has no output ${name}, only ${[...outputs.keys()].join(', ')}`);
  if (values.length !== length) throw new Error(`output ${name} holds ${values.length} numbers, not ${length}`);
  return values;
}

/** The model's only output, which must hold `length` numbers. */
export function onlyOutput(outputs: Map<string, Float32Array>, length: number): Float32Array {
  const [name] = outputs.keys();
  if (name === undefined || outputs.size > 1) throw new Error(`the model has ${outputs.size} outputs, not one`);
  return output(outputs, name, length);
}
