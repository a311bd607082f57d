import { ARCFACE_POINTS, inverse, similarityTransform, warp } from '../../adapters/align.ts';
import { faceAttributes } from '../render/face-attributes.ts';
import { lookAlike, makeIdentity, randomLook, SHAPE_NUMBERS } from '../render/identity.ts';
import { type Random, random } from '../render/random.ts';
import type { FaceIdentity, FaceLook, Point } from '../render/types.ts';
import { type Dataset, type DatasetSettings, writeDataset, writeNumbers } from './dataset.ts';
import { FACE_HEADS, labelsOf } from './heads.ts';
import { isCommand, readOptions, wholeNumber } from './options.ts';
import { ANY, drawPortrait, type Portrait, RECOGNISABLE } from './portrait.ts';
import { ENOUGH_SHOWN, PARTS } from './shown.ts';

/** Faces aligned by their landmarks, 112 x 112: for telling people apart, or for their attributes. */

export interface FaceSettings extends DatasetSettings {
  for: 'embedding' | 'attributes';
  /** Embedding: pictures per identity; their count is that of the identities times this. */
  per: number;
  /** Embedding: of so many identities the last resembles the one before it. */
  alikeEvery: number;
}

interface EmbeddingRow {
  identity: number;
  /** What hides part of the face: 1 a hat, 2 a mask over mouth or nose, 4 sunglasses, or the sum of these. */
  worn: number;
  /** How many of brow, eyes, nose and mouth can be seen. */
  shown: number;
}
type Row = EmbeddingRow | { labels: number[] };

export const FACE_SIZE = 112;
/** Deviation of each landmark from the truth, in parts of the distance of the eyes, as a detector errs. */
const JITTER = 0.025;
/** Of all five together. */
const SHIFT = 0.015;

/** Which identity another resembles, both ways; -1 for nobody. */
export function alikeOf(identity: number, alikeEvery: number, identities: number): number {
  const place = identity % alikeEvery;
  if (place === alikeEvery - 1) return identity - 1;
  return place === alikeEvery - 2 && identity + 1 < identities ? identity + 1 : -1;
}

function identityOf(seed: number, number: number, alikeEvery: number): FaceIdentity {
  if (number % alikeEvery === alikeEvery - 1) {
    return lookAlike(makeIdentity(`${seed}/${number - 1}`), `${seed}/${number}`);
  }
  return makeIdentity(`${seed}/${number}`);
}

const HAIR_STYLES = ['st_short', 'long', 'bald'] as const;
const HAIR_COLOURS = ['black', 'white', 'yellow'] as const;

/** The names of what `traitsOf` gives. */
const TRAITS = [...SHAPE_NUMBERS, 'skin', 'gender', 'age', ...HAIR_STYLES, ...HAIR_COLOURS];

/** What a face is drawn from, as numbers of about -1..1, in one order for everybody: what there is to know of somebody. */
function traitsOf({ shape, skin, gender, age, hair }: FaceIdentity): number[] {
  return [
    ...SHAPE_NUMBERS.map((name) => shape[name] ?? 0),
    2 * skin - 1,
    gender === 'male' ? 1 : -1,
    age / 40 - 1,
    ...HAIR_STYLES.map((style) => Number(hair.style === style)),
    ...HAIR_COLOURS.map((colour) => Number(hair.colour === colour)),
  ];
}

/** Landmarks as a detector would give them. */
function jittered(landmarks: readonly Point[], source: Random): Point[] {
  const [left, right] = [landmarks[0]!, landmarks[1]!];
  const unit = Math.max(2, Math.hypot(right[0] - left[0], right[1] - left[1]));
  const [dx, dy] = [source.normal() * SHIFT * unit, source.normal() * SHIFT * unit];
  return landmarks.map(([x, y]) => [
    x + dx + source.normal() * JITTER * unit,
    y + dy + source.normal() * JITTER * unit,
  ]);
}

function wornOver({ hat, mask, glasses }: FaceLook): number {
  return (hat ? 1 : 0) + (mask ? 2 : 0) + (glasses === 'sunglasses' ? 4 : 0);
}

/** How somebody looks from day to day: beard and glasses are mostly theirs, a mask or a hat comes and goes. */
export function everydayLook(identity: FaceIdentity, source: Random): FaceLook {
  const own = random(`habits/${identity.id}`);
  const any = randomLook(identity, source.stream('any'));
  const bearded = own.chance(0.4) && identity.gender === 'male' && identity.age >= 19;
  const spectacled = own.chance(0.3);
  const look: FaceLook = {
    expression: source.chance(0.55) ? 'st_calm' : any.expression,
    beard: bearded,
    glasses: source.chance(spectacled ? 0.85 : 0.04) ? 'clear' : 'none',
    eyesClosed: source.chance(0.04) ? any.eyesClosed : 0,
  };
  if (any.hat && source.chance(0.5)) look.hat = any.hat;
  // A mask or sunglasses leave enough of a face, both together do not.
  if (any.mask && source.chance(0.3)) look.mask = any.mask;
  else if (source.chance(0.04)) look.glasses = 'sunglasses';
  return look;
}

/**
 * Tries until a face that can be seen comes out: the first stream mostly does. To tell people apart, enough of it has to be
 * shown for anybody to say who it is: of a hand before a mask nothing is to be learnt, and nothing to be asked.
 */
function portraitOf(
  identity: FaceIdentity,
  source: Random,
  purpose: FaceSettings['for'],
): Omit<Portrait, 'shown'> & { shown: number } {
  const [lookOf, within] = purpose === 'embedding' ? [everydayLook, RECOGNISABLE] : [randomLook, ANY];
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const stream = source.stream(`attempt ${attempt}`);
    const portrait = drawPortrait(identity, lookOf(identity, stream.stream('look')), stream, within);
    if (!portrait) continue;
    const shown = purpose === 'embedding' ? portrait.shown() : PARTS;
    if (shown >= ENOUGH_SHOWN) return { ...portrait, shown };
  }
  throw new Error(`${identity.id} could not be drawn in twenty attempts`);
}

export const dataset: Dataset<FaceSettings, Row> = {
  module: import.meta.url,
  open(settings) {
    const { seed } = settings;
    const aligned = new Float32Array(FACE_SIZE * FACE_SIZE * 3);
    const pixels = new Uint8Array(aligned.length);
    return {
      width: FACE_SIZE,
      height: FACE_SIZE,
      draw(index) {
        const source = random(`faces/${settings.for}/${seed}/${index}`);
        const number = Math.floor(index / settings.per);
        const identity =
          settings.for === 'embedding'
            ? identityOf(seed, number, settings.alikeEvery)
            : makeIdentity(`attributes/${seed}/${index}`);
        const { picture, landmarks, look, shown } = portraitOf(identity, source, settings.for);
        const toSource = inverse(similarityTransform(jittered(landmarks, source.stream('jitter')), ARCFACE_POINTS));
        warp(picture, toSource, aligned, { width: FACE_SIZE, height: FACE_SIZE });
        for (let i = 0; i < pixels.length; i++) pixels[i] = aligned[i]! + 0.5;
        if (settings.for === 'embedding') return { pixels, row: { identity: number, worn: wornOver(look), shown } };
        const values: Record<string, string | undefined> = faceAttributes(identity, look);
        if (look.mask && look.mask.worn !== 'mouth') {
          // Covered: neither a smile nor a beard can be told.
          values['st_expression'] = undefined;
          values['mustache_style'] = undefined;
        }
        return { pixels, row: { labels: labelsOf(FACE_HEADS, values) } };
      },
    };
  },
  finish(folder, rows, settings) {
    if (settings.for === 'attributes') {
      const labels = rows.flatMap((row) => ('labels' in row ? row.labels : []));
      writeNumbers(folder, 'labels.i16', Int16Array.from(labels));
      return { for: settings.for, heads: FACE_HEADS };
    }
    const identities = Math.ceil(settings.count / settings.per);
    const owners = rows.map((row) => ('identity' in row ? row.identity : -1));
    writeNumbers(folder, 'identity.i32', Int32Array.from(owners));
    const worn = rows.map((row) => ('worn' in row ? row.worn : 0));
    writeNumbers(folder, 'worn.i32', Int32Array.from(worn));
    const shown = rows.map((row) => ('shown' in row ? row.shown : 0));
    writeNumbers(folder, 'shown.i32', Int32Array.from(shown));
    const alike = Array.from({ length: identities }, (_, n) => alikeOf(n, settings.alikeEvery, identities));
    writeNumbers(folder, 'alike.i32', Int32Array.from(alike));
    const traits = alike.map((_, number) => traitsOf(identityOf(settings.seed, number, settings.alikeEvery)));
    writeNumbers(folder, 'traits.f32', Float32Array.from(traits.flat()));
    return {
      for: settings.for,
      identities,
      per: settings.per,
      traits: TRAITS,
      worn: true,
      enoughShown: ENOUGH_SHOWN,
    };
  },
};

if (isCommand(import.meta.url)) {
  const { options, extras } = readOptions(process.argv.slice(2), ['for', 'identities', 'per', 'alike-every']);
  const purpose = extras['for'];
  if (purpose !== 'embedding' && purpose !== 'attributes') {
    throw new Error('say what the faces are for: --for embedding or --for attributes');
  }
  const per = wholeNumber(extras, 'per', 24, 2);
  // Every sixth resembles its neighbour: a third of all have somebody like them.
  const alikeEvery = wholeNumber(extras, 'alike-every', 6, 2);
  const identities = wholeNumber(extras, 'identities', Math.ceil(options.count / per), 1);
  const count = purpose === 'embedding' ? identities * per : options.count;
  await writeDataset(dataset, { seed: options.seed, count, for: purpose, per, alikeEvery }, options);
}
