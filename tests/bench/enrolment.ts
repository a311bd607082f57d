import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import sharp from 'sharp';
import { EXAMINED_SIDE } from '../../core/images/limits.ts';
import { planImages } from '../../core/images/plan.ts';
import {
  createDetector,
  createFaceEmbedder,
  type Detector,
  type FaceEmbedder,
  type Point,
  type RgbPicture,
} from '../../models/adapters/index.ts';
import { usableModels } from '../../models/install.ts';
import { makeIdentity, neutralLook } from '../../models/training/render/identity.ts';
import { random } from '../../models/training/render/random.ts';
import { badgePicture } from '../../models/training/scenes/badges.ts';
import { assetFolder } from '../kit/assets.ts';
import { type Answer, startBox, type TestBox } from '../kit/box.ts';
import { interleave, median, medianRatio, round, table, verdict } from './kit.ts';

/**
 * People enrolled a second by batches of message 1030 in a whole box, in turns with the bare work on the same pictures:
 * decoding with sharp, and the adapters of the same models on one thread, in this process and one after the other. The
 * box also checks the picture, judges the face, writes a JPEG of the upright picture, row and embeddings, and waits
 * until the index of faces has them.
 *
 *     npm run bench:enrolment -- [pictures]
 *
 * Pictures are the reference photos that show one person, each time a little larger or smaller, brighter and harder
 * compressed, since the same bytes are enrolled once; without the assets, drawn badges of people of the demo.
 *
 * Exits with 1 where the box does less than the promised part of the bare work.
 */
const PROMISED = 0.8;
const PICTURES = Number(process.argv[2] ?? 120);
const ROUNDS = Math.min(6, PICTURES);
/** Of a photo, as a phone's is scaled down before it is sent. */
const LONGEST = 1_200;

if (!Number.isSafeInteger(PICTURES) || PICTURES < 1) throw new Error('say how many pictures, at least one');

/** Photos with one face, as they lie on the disk. */
async function portraits(folder: string): Promise<Buffer[]> {
  const { noses } = JSON.parse(readFileSync(join(folder, 'annotations.json'), 'utf8')) as {
    noses: Record<string, unknown[]>;
  };
  const names = Object.keys(noses).filter((name) => noses[name]?.length === 1);
  return Promise.all(names.map((name) => readFile(join(folder, name))));
}

/** Picture number so and so: no two have the same bytes. */
async function pictureOf(number: number, photos: readonly Buffer[]): Promise<Buffer> {
  const photo = photos[number % photos.length];
  if (!photo) {
    const identity = makeIdentity(`enrolment/${number}`);
    return badgePicture(identity, neutralLook(identity)).jpeg;
  }
  const source = random(`enrolment/${number}`);
  const { width = LONGEST, height = LONGEST } = await sharp(photo).metadata();
  const side = Math.min(LONGEST, Math.max(width, height)) * source.between(0.9, 1);
  return sharp(photo)
    .autoOrient()
    .resize({ width: Math.round(side), height: Math.round(side), fit: 'inside' })
    .modulate({ brightness: source.between(0.92, 1.08), saturation: source.between(0.9, 1.1) })
    .jpeg({ quality: source.int(80, 95) })
    .toBuffer();
}

let enrolled = 0;

/** Sends one batch; its pictures are all in when this resolves. */
async function enrol(box: TestBox, libId: number, pictures: readonly Buffer[]): Promise<void> {
  const form = new FormData();
  form.set('msg_id', '1030');
  form.set('lib_id', String(libId));
  form.set('uuid', 'bench');
  for (const [at, picture] of pictures.entries()) {
    enrolled += 1;
    form.set(`img_${at + 1}`, new Blob([new Uint8Array(picture)]), `bench_p${enrolled}_#_#_#_#.jpg`);
  }
  const headers = { sessionid: box.sessionId };
  const response = await fetch(`${box.url}/api/form`, { method: 'POST', headers, body: form });
  const { code, data, msg } = (await response.json()) as Answer<{ err_count: number; url: string }>;
  if (code !== 0) throw new Error(`the batch was refused: ${msg}`);
  if (data.err_count > 0) {
    const list = await fetch(`${box.url}/ws/${data.url}`, { headers });
    throw new Error(`${data.err_count} of ${pictures.length} pictures were refused:\n${await list.text()}`);
  }
}

/** The bare work, with the models that the box uses. */
async function openBare(dataFolder: string) {
  const plan = planImages((await usableModels(dataFolder)).models);
  const detectors: Detector[] = [];
  for (const card of plan.detectors) {
    detectors.push(await createDetector(card, { threads: 1, labels: ['face'], trim: true }));
  }
  const embedders: FaceEmbedder[] = [];
  for (const card of plan.embedders) embedders.push(await createFaceEmbedder(card, { threads: 1 }));
  const spent = { decode: 0, detect: 0, embed: 0 };

  const decode = async (bytes: Buffer): Promise<RgbPicture> => {
    const { data, info } = await sharp(bytes)
      .autoOrient()
      .resize({ width: EXAMINED_SIDE, height: EXAMINED_SIDE, fit: 'inside', withoutEnlargement: true })
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data };
  };

  return {
    spent,
    models: [...plan.detectors, ...plan.embedders].map(({ id }) => id),
    async describe(bytes: Buffer): Promise<void> {
      const began = performance.now();
      const picture = await decode(bytes);
      const decoded = performance.now();
      let landmarks: Point[] | undefined;
      for (const detector of detectors) {
        landmarks = (await detector.detect(picture))[0]?.landmarks;
        if (landmarks) break;
      }
      if (!landmarks) throw new Error('no face was found in a picture');
      const detected = performance.now();
      for (const embedder of embedders) await embedder.embed(picture, landmarks);
      spent.decode += decoded - began;
      spent.detect += detected - decoded;
      spent.embed += performance.now() - detected;
    },
    async close(): Promise<void> {
      for (const one of [...detectors, ...embedders]) await one.close();
    },
  };
}

sharp.cache(false);
sharp.concurrency(1);
const assets = assetFolder();
const photos = assets ? await portraits(join(assets, 'media/photos')) : [];
const perRound = Math.ceil(PICTURES / ROUNDS);
const warmUp = await Promise.all(photos.slice(0, 2).map((_, at) => pictureOf(at, photos)));
if (warmUp.length === 0) warmUp.push(await pictureOf(0, photos));
const rounds: Buffer[][] = [];
for (let at = 0; at < ROUNDS; at += 1) {
  const numbers = Array.from({ length: perRound }, (_, n) => warmUp.length + at * perRound + n);
  rounds.push(await Promise.all(numbers.map((number) => pictureOf(number, photos))));
}

const box = await startBox(assets ? { models: join(assets, 'models') } : {});
try {
  await box.login();
  const made = await box.call<{ lib_id: number }>(1025, { lib_name: 'bench', lib_type: 2 });
  if (made.code !== 0) throw new Error(made.msg);
  const bare = await openBare(box.dataFolder);
  // The worker starts, and opens its models, for the first picture.
  await enrol(box, made.data.lib_id, warmUp);
  for (const picture of warmUp) await bare.describe(picture);
  bare.spent.decode = bare.spent.detect = bare.spent.embed = 0;

  const clocked = async (act: () => Promise<void>) => {
    const began = performance.now();
    await act();
    return (1000 * perRound) / (performance.now() - began);
  };
  let [ours, theirs] = [0, 0];
  const rates = await interleave(ROUNDS, {
    box: () => clocked(() => enrol(box, made.data.lib_id, rounds[ours++]!)),
    bare: () =>
      clocked(async () => {
        for (const picture of rounds[theirs++]!) await bare.describe(picture);
      }),
  });
  await bare.close();

  const count = perRound * ROUNDS;
  const bytes = rounds.flat().reduce((sum, one) => sum + one.length, 0) / count;
  const kind = photos.length > 0 ? 'photos' : 'drawn badges';
  console.log(
    `${count} ${kind} of ${round(bytes / 1000)} kB in the mean, in ${ROUNDS} batches; ${bare.models.join(', ')}`,
  );
  table(
    ['side', 'pictures/s', 'ms a picture', 'decode ms', 'detect ms', 'embed ms'],
    [
      ['box', round(median(rates.box)), round(1000 / median(rates.box)), '', '', ''],
      [
        'bare',
        round(median(rates.bare)),
        round(1000 / median(rates.bare)),
        ...[bare.spent.decode, bare.spent.detect, bare.spent.embed].map((ms) => round(ms / count)),
      ],
    ],
  );
  verdict([{ what: 'pictures a second: box ÷ bare', value: medianRatio(rates.box, rates.bare), atLeast: PROMISED }]);
} finally {
  await box.stop();
}
