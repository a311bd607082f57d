import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { z } from 'zod';
import { ImageService } from '../../core/images/service.ts';
import { ModelWatch } from '../../core/model-watch.ts';
import { catalog, installFromFile } from '../../models/install.ts';
import { asset } from './assets.ts';

/** Photos as somebody would send them, and the service that examines them with models as somebody would install them. */

const FILES = {
  'yunet-2023mar': 'face_detection_yunet_2023mar.onnx',
  'mobilefacenet-foamliu': 'mobilefacenet_foamliu.onnx',
};

const annotationSchema = z.object({
  /** Of each photo, the nose of each face, in pixels of the upright photo. */
  noses: z.record(z.string(), z.array(z.tuple([z.number(), z.number()]))),
  /** Photos of the same person; those of one show nobody who is in another. */
  same_person: z.array(z.array(z.string())),
});

/** Similarity from which two faces of the photos count as the same person. */
export const SAME = 80;

export interface Photos {
  service: ImageService;
  names: string[];
  bytes(name: string): Buffer;
  noses(name: string): [number, number][];
  /** The photos that show the same person, two names each, in alphabetical order. */
  pairs: string[];
}

/** A service with the installed models, and the photos; undefined, and the test skipped, where they are absent. */
export async function startPhotos(t: TestContext): Promise<Photos | undefined> {
  const file = asset(t, 'media', 'photos', 'annotations.json');
  if (!file) return undefined;
  const { noses, same_person } = annotationSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const dataFolder = mkdtempSync(join(tmpdir(), 'gatehouse-photos-'));
  t.after(() => rmSync(dataFolder, { recursive: true, force: true }));
  for (const [id, name] of Object.entries(FILES)) {
    const model = asset(t, 'models', name);
    if (!model) return undefined;
    await installFromFile(dataFolder, catalog().find((entry) => entry.id === id)!, model);
  }
  const log = pino({ level: 'silent' });
  const models = new ModelWatch({ dataFolder, log });
  await models.start();
  t.after(() => models.stop());
  const service = new ImageService({ models, log });
  t.after(() => service.stop());
  service.start();
  return {
    service,
    names: Object.keys(noses),
    bytes: (name) => readFileSync(asset(t, 'media', 'photos', name)!),
    noses: (name) => noses[name]!,
    pairs: same_person
      .filter((names) => names.length > 1)
      .map((names) => names.sort().join(' '))
      .sort(),
  };
}

/** How much smaller a photo is examined than it is: its longer side was told as so long. */
export async function scaleOf(bytes: Uint8Array, examined: number): Promise<number> {
  const { default: sharp } = await import('sharp');
  const { width, height } = await sharp(bytes).metadata();
  return examined / Math.max(width, height);
}
