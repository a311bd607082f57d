import { BODY_MARGIN, bodyBox, letterboxedBody } from '../../adapters/crops.ts';
import { bodyAttributes } from '../render/body-attributes.ts';
import { Camera } from '../render/camera.ts';
import { type Random, random } from '../render/random.ts';
import { type Actor, type BodyStatus, type ObjectTruth, STATUSES, type World } from '../render/types.ts';
import { drawWorld } from '../render/world.ts';
import { Area } from './body-area.ts';
import { heightInFrame } from './body-parts.ts';
import { hideUnseen, type Sight } from './body-sight.ts';
import { aim, jittered, logBetween, radians, randomConditions } from './conditions.ts';
import { dropAlpha } from './crop.ts';
import { evenWishes, fighters, POSES_OF, randomActor } from './crowd.ts';
import { type Dataset, type DatasetSettings, writeDataset, writeNumbers } from './dataset.ts';
import { BODY_HEADS, labelsOf, NONE } from './heads.ts';
import { isCommand, readOptions, word } from './options.ts';

/** People cut out of worlds, 96 x 144, with what they wear and do. */

/** More pixels only cost time: of people of 220 pixels a model told no more than of those of 100. */
export const BODY_CROP = { width: 96, height: 144 } as const;
/**
 * Pixels for a metre at somebody's place. From 62.5 on a picture shows what somebody wears ("observe", IEC 62676-4); that is
 * some 110 pixels of a grown person.
 */
const DENSITY = { least: 62.5, most: 250 };
/** Of the longer side of the box, however somebody lies, sits or is cut. */
const LEAST_SIDE = 40;
/** Of those who are hidden further no crop is judged. */
const LEAST_VISIBLE = 0.6;
/** Of the boxes' sides, in parts of breadth and height. */
const BOX_ERROR = 0.02;

/** Alarms are rare in life; here each must be learnt as well as an ordinary walk. */
const ABNORMAL_SHARE = 0.135;

function randomStatus(source: Random): BodyStatus {
  const abnormal = STATUSES.filter((status) => status !== 'normal');
  return abnormal[Math.floor(source.next() / ABNORMAL_SHARE)] ?? 'normal';
}

/** Somebody and, at times, others beside, before and behind. */
function randomScene(source: Random, status: BodyStatus, z: number): Actor[] {
  const place = { x: 0, y: 0, z };
  const actors =
    status === 'fighting'
      ? fighters(source.stream('fight'), 'one', place)
      : [
          randomActor(
            source.stream('one'),
            'one',
            source.pick(POSES_OF[status]),
            place,
            source.chance(0.5) ? source.between(-Math.PI, Math.PI) : source.normal() * 0.9,
            evenWishes,
          ),
        ];
  const others = source.chance(0.38) ? source.int(1, 2) : 0;
  for (let n = 0; n < others; n += 1) {
    const stream = source.stream(`other ${n}`);
    const beside = stream.pick([-1, 1]) * stream.between(0.25, 1.3);
    const position = { x: beside, y: 0, z: Math.max(1, z + stream.between(-0.9, 2.5)) };
    const pose = stream.pick(POSES_OF[stream.pick(STATUSES.filter((one) => one !== 'fighting'))]);
    actors.push(randomActor(stream, `other${n}`, pose, position, stream.between(-Math.PI, Math.PI)));
  }
  return actors;
}

function randomShot(source: Random, actor: Actor): World['camera'] {
  const { height } = actor.person;
  const pixels = height * logBetween(source, DENSITY.least, DENSITY.most);
  const lying = actor.pose === 'fall';
  const seated = actor.pose === 'sit' || actor.pose === 'doze';
  const middle = lying ? 0.2 : seated ? 0.6 : height / 2;
  const { z } = actor.position;
  const above = Math.min(middle + z * Math.tan(radians(50)), source.between(1.3, 5.5));
  // The lower edge of the picture cuts the legs of some.
  const below = source.chance(0.18) ? pixels * source.between(0.2, 0.55) : source.normal() * pixels * 0.04;
  return aim({
    target: { x: actor.position.x, y: middle, z },
    metres: height,
    pixels,
    width: Math.ceil(pixels * (lying ? 1.6 : 1.15)),
    height: Math.ceil(pixels * (lying ? 1.1 : 1.3)),
    above,
    below,
  });
}

/**
 * Of which attributes a picture is asked: those of which enough pixels of the crop are seen to show them, or, in a third of the
 * time, all that nothing is known to hide. The first is for what a model is measured by; many more pictures to learn from are
 * worth some questions that a picture does not answer.
 */
const ASKED = ['seen', 'likely'] as const;

interface Settings extends DatasetSettings {
  asked: (typeof ASKED)[number];
}

/** The attributes of somebody in a picture, without those that it does not show. */
function seenAttributes({ person, pose }: Actor, truth: ObjectTruth, sight: Sight): Record<string, string | undefined> {
  // The contract leaves out what is not worn or carried; the model has to say so.
  const absent = BODY_HEADS.filter((head) => head.values.includes(NONE)).map(({ name }) => [name, NONE]);
  const values: Record<string, string | undefined> = {
    ...Object.fromEntries(absent),
    ...bodyAttributes(person, pose),
    st_pedestrian_angle: truth.angle,
    status: truth.status,
  };
  return hideUnseen(values, sight);
}

export const dataset: Dataset<Settings, number[]> = {
  module: import.meta.url,
  open({ seed, asked }) {
    const attempt = (source: Random, status: BodyStatus) => {
      const actors = randomScene(source, status, logBetween(source, 1.8, 16));
      const one = actors[0]!;
      const world: World = {
        camera: randomShot(source.stream('shot'), one),
        ...randomConditions(source),
        actors,
        vehicles: [],
        things: [],
      };
      const drawn = drawWorld(world, { withTruth: true, within: true });
      const truth = drawn.objects.find(({ kind, of }) => kind === 'person' && of === one.id);
      if (!truth) return undefined;
      const area = new Area(world.camera, one, actors, world.light, bodyBox(truth.box), BODY_CROP);
      const measured = asked === 'seen';
      const sight = { camera: new Camera(world.camera), actor: one, actors, objects: drawn.objects, area, measured };
      if (truth.visible * heightInFrame(sight) < LEAST_VISIBLE) return undefined;
      const [x1, y1, x2, y2] = truth.box;
      if (Math.max(x2 - x1, y2 - y1) < LEAST_SIDE) return undefined;
      const values = seenAttributes(one, truth, sight);
      // Some stay without: they still have clothes to learn from.
      if (values['status'] === undefined && source.chance(0.8)) return undefined;
      const box = jittered(truth.box, source.stream('jitter'), BOX_ERROR);
      const { data: pixels } = letterboxedBody(dropAlpha(drawn.data, drawn), box, BODY_CROP);
      return { pixels, row: labelsOf(BODY_HEADS, values) };
    };
    return {
      ...BODY_CROP,
      draw(index) {
        const source = random(`bodies/${seed}/${index}`);
        const status = randomStatus(source);
        for (let n = 0; n < 30; n += 1) {
          const sample = attempt(source.stream(`attempt ${n}`), status);
          if (sample) return sample;
        }
        throw new Error(`body ${index} (${status}) could not be drawn in thirty attempts`);
      },
    };
  },
  finish(folder, rows, { asked }) {
    writeNumbers(folder, 'labels.i16', Int16Array.from(rows.flat()));
    return { asked, heads: BODY_HEADS, fit: 'middle', margin: BODY_MARGIN };
  },
};

if (isCommand(import.meta.url)) {
  const { options, extras } = readOptions(process.argv.slice(2), ['asked']);
  const asked = word(extras, 'asked', ASKED);
  await writeDataset(dataset, { seed: options.seed, count: options.count, asked }, options);
}
