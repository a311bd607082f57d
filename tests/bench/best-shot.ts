import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type I420Frame, i420Layout } from '../../drivers/video/frame.ts';
import { createDetector, createFaceEmbedder, type RgbPicture } from '../../models/adapters/index.ts';
import { openAlignerOf } from '../../models/adapters/landmarks.ts';
import { similarity } from '../../models/catalog.ts';
import { usableModels } from '../../models/install.ts';
import { DEMO_FOLDER } from '../../models/store.ts';
import { qualityOf } from '../../plugins/captures/stages/quality.ts';
import { withExactLandmarks } from '../../plugins/detection/stages/exact-landmarks.ts';
import { median, round, table, verdict } from './kit.ts';
import { cosine, spearman } from './open-set.ts';
import { decoded, enrolmentOf, faceOf, momentOf, personOf } from './people.ts';

/**
 * Whether the best moment of a presence is the one to recognise somebody by. People of the demo are enrolled with one calm
 * picture; each then passes a camera once, dressed as on that day, and is seen at some moments: near and far, turned,
 * blurred, in the dark. As on a camera the demo's detector looks at the frame, landmarks are found anew, the moment gets
 * its quality, and the face is compared with the own picture.
 *
 *     npm run bench:best-shot -- [--people 100] [--moments 8] [--first 60000]
 *
 * Exits with 1 where quality says little of recognition, or a best shot misses hardly less than a moment by chance.
 */

/** The usual threshold of cameras. */
const USUAL = 80;
const LEAST_CORRELATION = 0.4;
/** What choosing leaves of the misses of a moment by chance. */
const MOST_LEFT = 0.75;
/** A presence of fewer moments says nothing of choosing. */
const LEAST_MOMENTS = 4;

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '100' },
    moments: { type: 'string', default: '8' },
    first: { type: 'string', default: '60000' },
  },
});
const [people, moments, first] = [Number(values.people), Number(values.moments), Number(values.first)];
if (![people, moments, first].every((one) => Number.isSafeInteger(one) && one >= 0)) {
  throw new Error('--people, --moments and --first are whole numbers');
}

/** One moment with a face that was found. */
interface Seen {
  quality: number;
  /** With the own picture. */
  cosine: number;
}

/** As a decoder gives it: full range, colour at half the size. */
function asFrame({ data, width, height }: RgbPicture): I420Frame {
  const layout = i420Layout(width, height);
  const planes = new Uint8Array(layout.size).fill(128);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [r, g, b] = data.subarray((y * width + x) * 3);
      const luma = 0.299 * r! + 0.587 * g! + 0.114 * b!;
      planes[y * layout.yStride + x] = luma + 0.5;
      if (x % 2 === 1 || y % 2 === 1) continue;
      const at = (y >> 1) * layout.chromaStride + (x >> 1);
      planes[layout.uOffset + at] = 128.5 + (b! - luma) / 1.772;
      planes[layout.vOffset + at] = 128.5 + (r! - luma) / 1.402;
    }
  }
  return { width, height, data: planes, layout, colorimetry: { matrix: 'bt601', range: 'full' } };
}

const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'));
try {
  const { models } = await usableModels(folder, DEMO_FOLDER);
  const detecting = models.find(({ task, also }) => task === 'face-detection' || also?.includes('face-detection'));
  const describing = models.find(({ task }) => task === 'face-embedding');
  if (!detecting || !describing?.embedding) throw new Error('the demo has no models that find and describe faces');
  const scale = describing.embedding;
  const detector = await createDetector(detecting, { threads: 1, labels: ['face'], trim: true });
  const aligner = await openAlignerOf(detecting, { threads: 1 });
  const embedder = await createFaceEmbedder(describing, { threads: 1 });

  const presences: Seen[][] = [];
  let faceless = 0;
  for (let number = first; number < first + people; number++) {
    const person = personOf(number);
    const { jpeg, landmarks } = enrolmentOf(person);
    const own = await embedder.embed(await decoded(jpeg), landmarks);
    const presence: Seen[] = [];
    for (let at = 0; at < moments; at++) {
      const probe = momentOf(person, at);
      const frame = asFrame(probe.picture);
      const faces = await withExactLandmarks(frame, await detector.detect(probe.picture), aligner);
      const face = faceOf(faces, probe);
      if (!face?.landmarks) {
        faceless += 1;
        continue;
      }
      const vector = await embedder.embed(probe.picture, face.landmarks, face.alignedBy);
      const others = faces.filter((other) => other !== face).map(({ box }) => box);
      presence.push({
        quality: qualityOf({ kind: 'face', frame, ...face, others }),
        cosine: cosine(vector, own),
      });
    }
    if (presence.length >= LEAST_MOMENTS) presences.push(presence);
  }
  for (const one of [detector, aligner, embedder]) await one.close();

  const all = presences.flat();
  const bestBy = (value: (seen: Seen) => number) =>
    presences.map((presence) => presence.reduce((best, one) => (value(one) > value(best) ? one : best)));
  const chosen = bestBy(({ quality }) => quality);
  const missed = (seen: readonly Seen[]) =>
    seen.filter(({ cosine }) => similarity(scale, cosine) < USUAL).length / seen.length;
  console.log(
    `${describing.id}; ${presences.length} presences of ${people}, ${all.length} moments with a face, ${faceless} without\n`,
  );
  const row = (name: string, seen: readonly Seen[]) => [
    name,
    round(median(seen.map(({ cosine }) => cosine))),
    `${(100 * missed(seen)).toFixed(1)} %`,
  ];
  table(
    ['moment', 'median cosine', `below similarity ${USUAL}`],
    [
      row('by chance', all),
      row('best shot', chosen),
      row(
        'the best there was',
        bestBy(({ cosine }) => cosine),
      ),
    ],
  );
  const within = presences
    .map((seen) =>
      spearman(
        seen.map(({ quality }) => quality),
        seen.map(({ cosine }) => cosine),
      ),
    )
    .filter((one) => !Number.isNaN(one));
  verdict([
    {
      what: 'quality and the cosine with the own picture within a presence (Spearman, mean)',
      value: within.reduce((sum, one) => sum + one, 0) / within.length,
      atLeast: LEAST_CORRELATION,
    },
    {
      what: 'misses of best shots, in parts of those of a moment by chance',
      value: missed(chosen) / missed(all),
      atMost: MOST_LEFT,
    },
  ]);
} finally {
  await rm(folder, { recursive: true, force: true });
}
