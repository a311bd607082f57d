import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { openReader } from '../../core/store/database.ts';

/** Looks at a data folder from outside, as somebody who repairs it would: rows, files, and whether they fit. */

/** A stored capture with what its pictures are. */
export interface StoredCapture {
  id: string;
  moment: number;
  paths: [crop: string, frame: string];
  /** Numbers in the names of its pictures. */
  numbers: [number, number];
}

/** Rows of captures, oldest first. Works while the box runs. */
export function storedCaptures(folder: string): StoredCapture[] {
  const { read, close } = openReader(folder);
  try {
    const rows = read.all<{ id: string; moment: number; crop_path: string; frame_path: string }>(
      sql`SELECT id, moment, crop_path, frame_path FROM captures ORDER BY moment`,
    );
    return rows.map(({ id, moment, crop_path: crop, frame_path: frame }) => ({
      id,
      moment,
      paths: [crop, frame],
      numbers: [numberIn(crop), numberIn(frame)],
    }));
  } finally {
    close();
  }
}

function numberIn(path: string): number {
  return Number(/_(\d+)\.jpg$/.exec(path)?.[1]);
}

/** SHA-256 of a stored picture, or why it is none: missing, or not a whole JPEG. */
export function pictureOf(folder: string, path: string): { hash: string } | { fault: string } {
  const file = join(folder, path);
  if (!existsSync(file)) return { fault: `${path} is missing` };
  const bytes = readFileSync(file);
  const whole =
    bytes.length > 100 && bytes.readUInt16BE(0) === 0xffd8 && bytes.readUInt16BE(bytes.length - 2) === 0xffd9;
  if (!whole) return { fault: `${path} is no whole JPEG (${bytes.length} bytes)` };
  return { hash: hashOf(bytes) };
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * What does not fit in a data folder whose box has recovered and may already work on.
 * @param before only files and rows from before this moment (ms) are judged: what comes now may be under way
 * @param lastNumber highest number of a picture when the box was ended; later ones are under way
 */
export function faultsOf(folder: string, before: number, lastNumber: number): string[] {
  const { read, close } = openReader(folder);
  try {
    const faults: string[] = [];
    const [integrity] = read.all<{ integrity_check: string }>(sql`SELECT * FROM pragma_integrity_check`);
    if (integrity?.integrity_check !== 'ok') faults.push(`integrity_check: ${integrity?.integrity_check}`);
    const blobs = read.all<{ path: string; size: number }>(sql`SELECT path, size FROM blobs`);
    const sizes = new Map(blobs.map(({ path, size }) => [path, size]));
    const named = new Set(storedCaptures(folder).flatMap(({ paths }) => paths));
    for (const { path, size } of blobs) {
      if (numberIn(path) > lastNumber) continue;
      const file = join(folder, path);
      if (!existsSync(file)) faults.push(`row without a picture: ${path}`);
      else if (statSync(file).size !== size) faults.push(`${path} has ${statSync(file).size} bytes, its row ${size}`);
      if (!named.has(path)) faults.push(`picture row without a capture: ${path}`);
    }
    for (const path of named) if (!sizes.has(path)) faults.push(`capture without a picture row: ${path}`);
    for (const path of filesBelow(folder, 'record')) {
      const found = statSync(join(folder, path), { throwIfNoEntry: false });
      if (found && found.mtimeMs < before && !sizes.has(path)) faults.push(`picture without a row: ${path}`);
    }
    for (const name of readdirSync(join(folder, 'staged'))) {
      const found = statSync(join(folder, 'staged', name), { throwIfNoEntry: false });
      if (found && found.mtimeMs < before) faults.push(`left in staged/: ${name}`);
    }
    return faults;
  } finally {
    close();
  }
}

function filesBelow(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(root, path) : [path];
  });
}
