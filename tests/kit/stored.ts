import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Connection } from '../../core/store/connection.ts';
import { DATABASE } from '../../core/store/opening.ts';
import type { CaptureKind } from '../../core/vision/keys.ts';

/** Puts files and captures into the data folder of a running box, past its program: what is there needs no camera. */
export class StoredFiles {
  readonly #folder: string;
  readonly #connection: Connection;

  /** @param dataFolder of a box that has been started at least once */
  constructor(dataFolder: string) {
    this.#folder = dataFolder;
    this.#connection = new Connection(join(dataFolder, DATABASE), ['busy_timeout = 10000']);
  }

  close(): void {
    this.#connection.close();
  }

  /**
   * A file with its row.
   * @param area what decides who may see it; undefined leaves it open
   * @param picture whether seeing it takes the right to see pictures
   */
  put(path: string, bytes: Uint8Array, { area, picture = true }: { area?: string; picture?: boolean } = {}): void {
    const place = join(this.#folder, path);
    mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
    writeFileSync(place, bytes);
    chmodSync(place, 0o600);
    this.#connection
      .prepare('INSERT INTO blobs (path, size, owner, area, picture, created_at) VALUES (?, ?, ?, ?, ?, ?)')
      .run(path, bytes.byteLength, 'captures', area ?? null, picture ? 1 : 0, Date.now());
  }

  /** A capture with its two pictures; gives its id and their paths. */
  capture(
    kind: CaptureKind,
    channel: number,
    time: number,
    picture: Uint8Array,
    { aliveType = 0, attributes = {} }: { aliveType?: 0 | 1 | 2; attributes?: Record<string, string> } = {},
  ) {
    const id = randomUUID();
    const cropPath = `record/channel${channel}/${kind}/${id}.jpg`;
    const framePath = `record/channel${channel}/frame/${id}.jpg`;
    for (const path of [cropPath, framePath]) this.put(path, picture, { area: 'records' });
    const row = {
      moment: time * 1000,
      id,
      kind,
      channel,
      camera_name: 'Gate',
      position: 'north',
      threshold: 80,
      time,
      track_id: 1,
      quality: 50,
      box: '[10,20,30,40]',
      box_in_crop: '[1,2,3,4]',
      frame_width: 640,
      frame_height: 480,
      crop_path: cropPath,
      frame_path: framePath,
      alive_type: aliveType,
      attributes: JSON.stringify(attributes),
    };
    const names = Object.keys(row);
    this.#connection
      .prepare(`INSERT INTO captures (${names.join()}) VALUES (${names.map(() => '?').join()})`)
      .run(...Object.values(row));
    return { id, cropPath, framePath };
  }

  /** How many captures there are. */
  captures(): number {
    return (this.#connection.prepare('SELECT count(*) AS n FROM captures').get() as { n: number }).n;
  }
}
