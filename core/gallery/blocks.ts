import { codeFace } from './bound.ts';
import {
  BLOCKS_AN_EXTENT,
  type BlockLayout,
  type BlockPlace,
  blockLayout,
  blockPlace,
  type HeadLayout,
  headLayout,
  ROWS,
} from './layout.ts';

/** The gallery's memory cannot take another block. */
export class NoRoomError extends Error {
  override readonly name = 'NoRoomError';
}

/**
 * The memory of faces, handed out in blocks, and the rows in them. All of it is reserved at once; what nobody has written
 * to takes no room. Blocks that are given back are used again for faces of the same width.
 */
export class Blocks {
  readonly memory: WebAssembly.Memory;
  readonly head: HeadLayout;
  readonly #bytes: Uint8Array;
  readonly #floats: Float32Array;
  readonly #ids: Float64Array;
  readonly #layouts = new Map<number, BlockLayout>();
  readonly #free = new Map<number, BlockPlace[]>();
  readonly #codes = new Map<number, Uint8Array>();
  #end: number;

  /** @param bytes a multiple of 64 KiB, at most 4 GiB */
  constructor(bytes: number) {
    const pages = bytes / 65_536;
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: 65_536, shared: true });
    this.#bytes = new Uint8Array(this.memory.buffer);
    this.#floats = new Float32Array(this.memory.buffer);
    this.#ids = new Float64Array(this.memory.buffer);
    this.head = headLayout(bytes);
    this.#end = this.head.bytes;
  }

  layout(width: number): BlockLayout {
    let layout = this.#layouts.get(width);
    if (!layout) {
      layout = blockLayout(width);
      this.#layouts.set(width, layout);
      this.#free.set(width, []);
      this.#codes.set(width, new Uint8Array(width));
    }
    return layout;
  }

  /**
   * Makes sure that so many blocks of each width can be taken.
   * @throws NoRoomError when they cannot
   */
  reserve(wanted: ReadonlyMap<number, number>): void {
    const left = this.#bytes.byteLength - this.#end;
    let more = 0;
    for (const [width, count] of wanted) {
      const { extentBytes } = this.layout(width);
      more += Math.max(0, Math.ceil((count - this.#free.get(width)!.length) / BLOCKS_AN_EXTENT)) * extentBytes;
    }
    if (more > left) throw new NoRoomError(`${more} bytes more are needed for faces, ${left} are left`);
  }

  /** A block without faces. */
  take(width: number): BlockPlace {
    const layout = this.layout(width);
    const free = this.#free.get(width)!;
    if (free.length === 0) {
      this.reserve(new Map([[width, 1]]));
      const blocks = Array.from({ length: BLOCKS_AN_EXTENT }, (_, block) => blockPlace(layout, this.#end, block));
      free.push(...blocks.reverse());
      this.#end += layout.extentBytes;
    }
    return free.pop()!;
  }

  /** Gives back a block whose rows are all cleared. */
  giveBack(width: number, block: BlockPlace): void {
    this.#free.get(width)?.push(block);
  }

  id(width: number, block: BlockPlace, row: number): number {
    return this.#ids[(block.faces + this.layout(width).ids) / 8 + row]!;
  }

  write(width: number, block: BlockPlace, row: number, id: number, vector: Float32Array): void {
    const layout = this.layout(width);
    const codes = this.#codes.get(width)!;
    const { scale, coarseError, fineError } = codeFace(vector, codes);
    this.#writePlanes(layout, block, row, codes);
    this.#floats[(block.coarse + layout.scales) / 4 + row] = scale;
    this.#floats[(block.coarse + layout.coarseErrors) / 4 + row] = coarseError;
    this.#floats[(block.coarse + layout.fineErrors) / 4 + row] = fineError;
    this.#ids[(block.faces + layout.ids) / 8 + row] = id;
    const start = block.faces / 4 + row * width;
    this.#floats.set(vector, start);
    this.#floats.fill(0, start + vector.length, start + width);
  }

  /** Copies a face to another row, of this block or another of the same width. */
  copy(width: number, from: BlockPlace, fromRow: number, to: BlockPlace, toRow: number): void {
    const source = this.#parts(width, from, fromRow);
    for (const [index, [start, bytes]] of this.#parts(width, to, toRow).entries()) {
      const origin = source[index]![0];
      this.#bytes.copyWithin(start, origin, origin + bytes);
    }
  }

  /** Overwrites a face with zeros: what was removed is nowhere in memory any more. */
  clear(width: number, block: BlockPlace, row: number): void {
    for (const [start, bytes] of this.#parts(width, block, row)) this.#bytes.fill(0, start, start + bytes);
  }

  #writePlanes(layout: BlockLayout, block: BlockPlace, row: number, codes: Uint8Array): void {
    const bytes = this.#bytes;
    let high = highOffset(layout, block, row);
    let low = block.low + (row * layout.width) / 2;
    for (let first = 0; first < layout.width; first += 32) {
      for (let lane = 0; lane < 16; lane += 1) {
        const [lower, upper] = [codes[first + lane]!, codes[first + 16 + lane]!];
        bytes[high + lane] = (lower >> 4) | (upper & 0xf0);
        bytes[low + lane] = (lower & 15) | ((upper & 15) << 4);
      }
      high += 64;
      low += 16;
    }
  }

  /** Where a row lies: pieces of memory, start and length. */
  #parts(width: number, block: BlockPlace, row: number): [start: number, bytes: number][] {
    const layout = this.layout(width);
    const high = highOffset(layout, block, row);
    return [
      ...Array.from({ length: width / 32 }, (_, chunk): [number, number] => [high + chunk * 64, 16]),
      [block.coarse + layout.scales + row * 4, 4],
      [block.coarse + layout.coarseErrors + row * 4, 4],
      [block.coarse + layout.fineErrors + row * 4, 4],
      [block.low + (row * width) / 2, width / 2],
      [block.faces + row * width * 4, width * 4],
      [block.faces + layout.ids + row * 8, 8],
    ];
  }
}

function highOffset(layout: BlockLayout, block: BlockPlace, row: number): number {
  return block.coarse + (row >> 2) * layout.width * 2 + (row & 3) * 16;
}

/** Blocks for so many faces. */
export function blocksFor(faces: number): number {
  return Math.ceil(faces / ROWS);
}
