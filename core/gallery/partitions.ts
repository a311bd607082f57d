import { type Blocks, blocksFor } from './blocks.ts';
import { type BlockPlace, ROWS, widthOf } from './layout.ts';

/** A face as the gallery keeps it; see `IndexedFace`. */
export interface Face {
  id: number;
  library: number;
  model: string;
  vector: Float32Array;
}

/** More faces of a model than the gallery takes. */
export class CapacityError extends Error {
  override readonly name = 'CapacityError';
}

/** Lists of databases whose stretches are kept. */
const MOST_LISTS = 16;

/** Faces of one model and one database, without gaps. */
interface Partition {
  library: number;
  width: number;
  faces: number;
  blocks: Block[];
}

interface Model {
  dimension: number;
  width: number;
  partitions: Map<number, Partition>;
  /** What has to be read for databases that were searched, until something changes: putting it together takes a while. */
  stretches: Map<string, readonly Stretch[]>;
  /** Where each face is: number of its block * ROWS + row. */
  places: Map<number, number>;
}

/** A piece of memory to search: a block and how many faces are in it. */
export interface Stretch {
  place: BlockPlace;
  faces: number;
  library: number;
}

interface Block extends Stretch {
  /** In the table of blocks. */
  number: number;
  partition: Partition;
}

/**
 * All faces of the gallery, by model and database, so that a search reads what it asks for and nothing else, and every
 * answer is complete for it. Nobody may search while this changes.
 */
export class Partitions {
  readonly #blocks: Blocks;
  readonly #capacity: number;
  readonly #models = new Map<string, Model>();
  readonly #table: (Block | undefined)[] = [];
  readonly #freeNumbers: number[] = [];

  /** @param capacity most faces of each model */
  constructor(blocks: Blocks, capacity: number) {
    this.#blocks = blocks;
    this.#capacity = capacity;
  }

  /** Faces of all models. */
  get faces(): number {
    return [...this.#models.values()].reduce((sum, { places }) => sum + places.size, 0);
  }

  /**
   * Adds faces, or replaces those that are there.
   * @throws RangeError where the vectors of a model differ in length
   * @throws CapacityError, NoRoomError and then none is taken
   */
  put(faces: readonly Face[]): void {
    this.#check(faces);
    for (const face of faces) {
      const model = this.#model(face);
      const place = model.places.get(face.id);
      const block = place === undefined ? undefined : this.#table[Math.floor(place / ROWS)];
      if (place !== undefined && block?.partition.library === face.library) {
        this.#blocks.write(model.width, block.place, place % ROWS, face.id, face.vector);
        continue;
      }
      if (place !== undefined) this.#take(model, face.id, place);
      this.#append(model, face);
    }
  }

  /** Removes the faces of these ids, of all models. */
  remove(ids: readonly number[]): void {
    for (const [name, model] of this.#models) {
      for (const id of ids) {
        const place = model.places.get(id);
        if (place !== undefined) this.#take(model, id, place);
      }
      if (model.places.size === 0) this.#models.delete(name);
    }
  }

  removeLibrary(library: number): void {
    for (const [name, model] of this.#models) {
      // From the end, where no other face has to take the place.
      for (let face = this.#last(model, library); face; face = this.#last(model, library)) {
        this.#take(model, face.id, face.place);
      }
      if (model.places.size === 0) this.#models.delete(name);
    }
  }

  clear(): void {
    const libraries = [...this.#models.values()].flatMap(({ partitions }) => [...partitions.keys()]);
    for (const library of new Set(libraries)) this.removeLibrary(library);
  }

  /**
   * What has to be read to search these databases; nothing where there is no face of the model. It is the same array until
   * something changes.
   * @throws RangeError where its vectors have another length
   */
  stretches(model: string, dimension: number, libraries: readonly number[]): readonly Stretch[] {
    const known = this.#models.get(model);
    if (!known) return [];
    if (known.dimension !== dimension) throw otherLength(model, known.dimension, dimension);
    const key = libraries.join();
    let stretches = known.stretches.get(key);
    if (!stretches) {
      stretches = [...new Set(libraries)].flatMap((library) => known.partitions.get(library)?.blocks ?? []);
      if (known.stretches.size === MOST_LISTS) known.stretches.clear();
      known.stretches.set(key, stretches);
    }
    return stretches;
  }

  /** Looks for whatever stands in the way before anything is changed. */
  #check(faces: readonly Face[]): void {
    const dimensions = new Map<string, number>();
    const added = new Map<string, Set<number>>();
    const fresh = new Map<string, { width: number; kept: number; more: Set<number> }>();
    for (const { id, library, model, vector } of faces) {
      const known = this.#models.get(model);
      const dimension = known?.dimension ?? dimensions.get(model) ?? vector.length;
      if (vector.length !== dimension) throw otherLength(model, dimension, vector.length);
      dimensions.set(model, dimension);
      const place = known?.places.get(id);
      if (place === undefined) added.set(model, (added.get(model) ?? new Set()).add(id));
      else if (this.#table[Math.floor(place / ROWS)]?.partition.library === library) continue;
      const key = `${library} ${model}`;
      const kept = known?.partitions.get(library)?.faces ?? 0;
      const part = fresh.get(key) ?? { width: widthOf(dimension), kept, more: new Set<number>() };
      part.more.add(id);
      fresh.set(key, part);
    }
    for (const [model, ids] of added) {
      const now = this.#models.get(model)?.places.size ?? 0;
      if (now + ids.size <= this.#capacity) continue;
      throw new CapacityError(`${now} faces are known, ${ids.size} more would be over the limit of ${this.#capacity}`);
    }
    const wanted = new Map<number, number>();
    for (const { width, kept, more } of fresh.values()) {
      const blocks = blocksFor(kept + more.size) - blocksFor(kept);
      wanted.set(width, (wanted.get(width) ?? 0) + blocks);
    }
    this.#blocks.reserve(wanted);
  }

  #model({ model, vector }: Face): Model {
    let known = this.#models.get(model);
    if (!known) {
      const dimension = vector.length;
      known = { dimension, width: widthOf(dimension), partitions: new Map(), stretches: new Map(), places: new Map() };
      this.#models.set(model, known);
    }
    return known;
  }

  #append(model: Model, { id, library, vector }: Face): void {
    let partition = model.partitions.get(library);
    if (!partition) {
      partition = { library, width: model.width, faces: 0, blocks: [] };
      model.partitions.set(library, partition);
    }
    const last = partition.blocks.at(-1);
    const block = last && last.faces < ROWS ? last : this.#addBlock(partition);
    this.#blocks.write(model.width, block.place, block.faces, id, vector);
    model.places.set(id, block.number * ROWS + block.faces);
    block.faces += 1;
    partition.faces += 1;
    model.stretches.clear();
  }

  #addBlock(partition: Partition): Block {
    const { library, width } = partition;
    const number = this.#freeNumbers.pop() ?? this.#table.length;
    const block: Block = { number, place: this.#blocks.take(width), faces: 0, library, partition };
    this.#table[number] = block;
    partition.blocks.push(block);
    return block;
  }

  /** Takes a face out; the last one of its partition takes its place. */
  #take(model: Model, id: number, place: number): void {
    const block = this.#table[Math.floor(place / ROWS)]!;
    const { partition } = block;
    const row = place % ROWS;
    const { width } = model;
    const last = partition.blocks.at(-1)!;
    const lastRow = last.faces - 1;
    if (block !== last || row !== lastRow) {
      model.places.set(this.#blocks.id(width, last.place, lastRow), place);
      this.#blocks.copy(width, last.place, lastRow, block.place, row);
    }
    this.#blocks.clear(width, last.place, lastRow);
    model.places.delete(id);
    last.faces -= 1;
    partition.faces -= 1;
    model.stretches.clear();
    if (last.faces > 0) return;
    partition.blocks.pop();
    this.#table[last.number] = undefined;
    this.#freeNumbers.push(last.number);
    this.#blocks.giveBack(width, last.place);
    if (partition.faces === 0) model.partitions.delete(partition.library);
  }

  #last(model: Model, library: number): { id: number; place: number } | undefined {
    const last = model.partitions.get(library)?.blocks.at(-1);
    if (!last) return undefined;
    const row = last.faces - 1;
    return { id: this.#blocks.id(model.width, last.place, row), place: last.number * ROWS + row };
  }
}

function otherLength(model: string, known: number, given: number): RangeError {
  return new RangeError(`embeddings of ${model} have ${known} numbers, this one has ${given}`);
}
