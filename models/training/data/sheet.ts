import { closeSync, existsSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createCanvas, ImageData, type SKRSContext2D } from '@napi-rs/canvas';
import { ROW } from './detector.ts';
import type { Head } from './heads.ts';
import { isCommand, wholeNumber } from './options.ts';

/**
 * Contact sheet of a dataset for the eye: pictures in rows with boxes, landmarks or labels drawn in.
 * `--in <folder> --png <file> [--from <index>] [--step <n>] [--columns <n>] [--rows <n>] [--zoom <n>]`
 */

interface Meta {
  count: number;
  width: number;
  height: number;
  labels?: string[];
  heads?: Head[];
}

/** What is written below a picture, and what is drawn over it. */
interface Notes {
  lines(index: number): string[];
  mark?(ctx: SKRSContext2D, index: number, zoom: number): void;
  /** Lines of text below each picture. */
  space: number;
}

const COLOURS = ['#2f9bff', '#ffd23f', '#35d07f', '#ff7ad9', '#ffffff', '#ff4a3a', '#b9b9b9', '#ff9d2e'];
const LINE = 11;

function floats(folder: string, name: string): Float32Array {
  const bytes = readFileSync(join(folder, name));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

function boxNotes(folder: string, labels: readonly string[]): Notes {
  const all = floats(folder, 'boxes.f32');
  return {
    space: 0,
    lines: () => [],
    mark(ctx, index, zoom) {
      for (let at = 0; at < all.length; at += ROW) {
        if (all[at] !== index) continue;
        const row = all.subarray(at, at + ROW);
        const [label, x1, y1, x2, y2, visible] = [...row.subarray(1, 7)] as [
          number,
          number,
          number,
          number,
          number,
          number,
        ];
        ctx.strokeStyle = COLOURS[label % COLOURS.length]!;
        ctx.lineWidth = 1;
        ctx.setLineDash(visible < 0.3 ? [2, 2] : []);
        ctx.strokeRect(x1 * zoom, y1 * zoom, (x2 - x1) * zoom, (y2 - y1) * zoom);
        ctx.fillStyle = ctx.strokeStyle;
        if (label !== 1) ctx.fillText(`${labels[label]} ${visible.toFixed(2)}`, x1 * zoom + 1, y1 * zoom + 8);
        for (let point = 7; point < ROW; point += 2) {
          if (!Number.isNaN(row[point]!))
            ctx.fillRect(row[point]! * zoom - 0.5, row[point + 1]! * zoom - 0.5, 1.5, 1.5);
        }
      }
    },
  };
}

function headNotes(folder: string, heads: readonly Head[]): Notes {
  const bytes = readFileSync(join(folder, 'labels.i16'));
  const labels = new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  return {
    space: heads.length,
    lines: (index) =>
      heads.map((head, n) => {
        const label = labels[index * heads.length + n]!;
        const value = label < 0 ? '?' : 'kind' in head ? String(label) : head.values[label]!;
        return `${head.name.replace(/^st_/, '').slice(0, 9)}: ${value.replace(/^st_/, '').replace(/.*_type_/, '')}`;
      }),
  };
}

function otherNotes(folder: string): Notes {
  if (existsSync(join(folder, 'text.json'))) {
    const texts: string[] = JSON.parse(readFileSync(join(folder, 'text.json'), 'utf8'));
    return { space: 1, lines: (index) => [texts[index]!] };
  }
  if (existsSync(join(folder, 'identity.i32'))) {
    const bytes = readFileSync(join(folder, 'identity.i32'));
    return { space: 1, lines: (index) => [`identity ${bytes.readInt32LE(index * 4)}`] };
  }
  return { space: 0, lines: () => [] };
}

if (isCommand(import.meta.url)) {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { in: text, png: text, from: text, step: text, columns: text, rows: text, zoom: text },
  });
  const folder = values.in;
  if (!folder || !values.png) throw new Error('name the dataset and the picture: --in <folder> --png <file>');
  const meta: Meta = JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8'));
  const notes = meta.labels
    ? boxNotes(folder, meta.labels)
    : meta.heads
      ? headNotes(folder, meta.heads)
      : otherNotes(folder);
  const [columns, rows] = [wholeNumber(values, 'columns', 6, 1), wholeNumber(values, 'rows', 4, 1)];
  const [from, step, zoom] = [
    wholeNumber(values, 'from', 0, 0),
    wholeNumber(values, 'step', 1, 1),
    wholeNumber(values, 'zoom', 1, 1, 8),
  ];
  const [wide, high] = [meta.width * zoom + 4, meta.height * zoom + 4 + notes.space * LINE];
  const canvas = createCanvas(columns * wide, rows * high);
  const ctx = canvas.getContext('2d');
  ctx.fillStyle = '#202225';
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  ctx.font = '9px sans-serif';
  const bytes = new Uint8Array(meta.width * meta.height * 3);
  const file = openSync(join(folder, 'images.u8'), 'r');
  for (let n = 0; n < columns * rows; n += 1) {
    const index = from + n * step;
    if (index >= meta.count) break;
    readSync(file, bytes, 0, bytes.length, index * bytes.length);
    const rgba = new Uint8ClampedArray(meta.width * meta.height * 4).fill(255);
    for (let i = 0, j = 0; i < bytes.length; i += 3, j += 4) rgba.set(bytes.subarray(i, i + 3), j);
    const one = createCanvas(meta.width, meta.height);
    one.getContext('2d').putImageData(new ImageData(rgba, meta.width, meta.height), 0, 0);
    ctx.save();
    ctx.translate((n % columns) * wide, Math.floor(n / columns) * high);
    ctx.drawImage(one, 0, 0, meta.width * zoom, meta.height * zoom);
    notes.mark?.(ctx, index, zoom);
    ctx.fillStyle = '#e8e8e8';
    for (const [line, words] of notes.lines(index).entries())
      ctx.fillText(words, 1, meta.height * zoom + LINE * (line + 1) - 1);
    ctx.restore();
  }
  closeSync(file);
  writeFileSync(values.png, canvas.toBuffer('image/png'));
}
