import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { TASKS } from '../../core/vision/keys.ts';

/** The scenes of a folder: `index.json`, and one H.264 clip `<name>.mp4` for each. */

const MOST_LISTED = 64;
const MOST_INDEX_BYTES = 1024 * 1024;
/** Longer clips are not held in memory by the server. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Also the name of the clip's file and the path of the stream. */
export const sceneName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/);

const entrySchema = z.object({
  name: sceneName,
  /** In English, or in both languages; what follows a colon is no part of the camera's name. */
  title: z
    .union([z.string(), z.object({ en: z.string() }).transform(({ en }) => en)])
    .transform((title) => title.split(':', 1)[0]!.trim())
    .pipe(z.string().min(1).max(60)),
  /** What there is to be seen, in a sentence. */
  description: z.string().max(300).default(''),
  seconds: z.number().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  width: z.int().min(16).max(4096),
  height: z.int().min(16).max(4096),
  fps: z.number().min(1).max(60),
  /** What its camera looks for; everything by default. */
  tasks: z
    .array(z.enum(TASKS))
    .min(1)
    .default([...TASKS]),
});

export interface Scene extends z.output<typeof entrySchema> {
  file: string;
}

export interface SceneFolder {
  /** Those that can be shown, in the order of the index. */
  scenes: Scene[];
  /** What is left out and why, in sentences. */
  faults: string[];
}

/** Reads a folder. What is damaged is named and left out; the rest stays. Never rejects. */
export async function readScenes(folder: string): Promise<SceneFolder> {
  const rows = await readIndex(join(folder, 'index.json'));
  if (typeof rows === 'string') return { scenes: [], faults: [rows] };
  const found: SceneFolder = { scenes: [], faults: [] };
  for (const [i, row] of rows.slice(0, MOST_LISTED).entries()) {
    const parsed = entrySchema.safeParse(row);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      found.faults.push(`scene ${i + 1} of the index: ${issue?.path.join('.')}: ${issue?.message}`);
      continue;
    }
    const scene: Scene = { ...parsed.data, file: join(folder, `${parsed.data.name}.mp4`) };
    const fault = found.scenes.some(({ name }) => name === scene.name)
      ? 'stands in the index twice'
      : await faultOf(scene);
    if (fault) found.faults.push(`scene ${scene.name}: ${fault}`);
    else found.scenes.push(scene);
  }
  return found;
}

async function readIndex(file: string): Promise<unknown[] | string> {
  try {
    const stats = await stat(file);
    // Reading a pipe would never end.
    if (!stats.isFile() || stats.size > MOST_INDEX_BYTES) return 'the index of the scenes is no file of up to 1 MiB';
    const json: unknown = JSON.parse(await readFile(file, 'utf8'));
    return Array.isArray(json) ? json : 'the index of the scenes is no list';
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return missing ? 'no scenes are installed' : `the index of the scenes cannot be read: ${(error as Error).message}`;
  }
}

/** What is wrong with a clip, if anything. */
async function faultOf({ file, sha256 }: Scene): Promise<string | undefined> {
  try {
    const stats = await stat(file);
    if (!stats.isFile()) return 'its clip is no file';
    if (stats.size > MOST_BYTES) return `its clip is larger than ${MOST_BYTES / 1024 ** 2} MiB`;
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
    return hash.digest('hex') === sha256 ? undefined : 'its clip is damaged: the checksum is another one';
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === 'ENOENT' ? 'its clip is missing' : `its clip cannot be read: ${(error as Error).message}`;
  }
}
