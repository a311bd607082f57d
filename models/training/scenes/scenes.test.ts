import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ClipTruth, ObjectTruth } from '../render/types.ts';
import { drawWorld } from '../render/world.ts';
import { indexOf } from './render.ts';
import { frameCount, type Scene, type Stage, worldAt } from './scene.ts';
import { SCENES, sceneOf } from './scenes.ts';
import { castTruth, frameTruth } from './truth.ts';

const CLIPS = join(import.meta.dirname, '../../../plugins/demo-site/scenes');
/** Metres that nobody goes in one frame. */
const JUMP = 0.5;

/** Truth of one frame, drawn small. */
function seenAt(scene: Scene, stage: Stage, frame: number): ObjectTruth[] {
  const small = { ...stage.camera, width: 256, height: Math.round((256 * stage.camera.height) / stage.camera.width) };
  const world = { ...worldAt(scene, stage, frame / scene.fps), camera: small };
  return frameTruth(frame, drawWorld(world, { withTruth: true, frame }).objects, small).objects;
}

for (const scene of SCENES) {
  test(`${scene.name}: nobody jumps, walks through another or pops up in the picture`, () => {
    const stage = scene.stage(1);
    const last = frameCount(scene) - 1;
    let before = worldAt(scene, stage, 0);
    for (let frame = 1; frame <= last; frame += 1) {
      const now = worldAt(scene, stage, frame / scene.fps);
      const moving = [...now.actors, ...now.vehicles];
      for (const actor of moving) {
        const was = [...before.actors, ...before.vehicles].find(({ id }) => id === actor.id);
        if (!was) continue;
        const gone = Math.hypot(actor.position.x - was.position.x, actor.position.z - was.position.z);
        assert.ok(gone < ('person' in actor ? JUMP : 1), `${actor.id} jumps ${gone.toFixed(2)} m in frame ${frame}`);
      }
      for (const [place, a] of now.actors.entries()) {
        for (const b of now.actors.slice(place + 1)) {
          const apart = Math.hypot(a.position.x - b.position.x, a.position.z - b.position.z);
          assert.ok(apart > 0.4, `${a.id} and ${b.id} are ${apart.toFixed(2)} m apart in frame ${frame}`);
        }
      }
      before = now;
    }
    for (const { id, track } of stage.members) {
      const stays = track.start === 0 && track.end >= scene.seconds - 1e-6;
      if (stays) continue;
      const [first, end] = [Math.ceil(track.start * scene.fps), Math.ceil(track.end * scene.fps - 1e-6) - 1];
      for (const frame of [first, end]) {
        const seen = seenAt(scene, stage, frame).find((object) => object.kind === 'person' && object.of === id);
        assert.equal(seen, undefined, `${id} is in the picture at the edge of the route, in frame ${frame}`);
      }
    }
  });

  test(`${scene.name}: the last frame goes on in the first`, () => {
    const stage = scene.stage(1);
    const [end, start] = [seenAt(scene, stage, frameCount(scene) - 1), seenAt(scene, stage, 0)];
    const people = (objects: ObjectTruth[]): ObjectTruth[] => objects.filter(({ kind }) => kind !== 'face');
    assert.deepEqual(
      people(end).map(({ kind, of }) => `${kind} ${of}`),
      people(start).map(({ kind, of }) => `${kind} ${of}`),
    );
    for (const [place, object] of people(end).entries()) {
      const other = people(start)[place]!;
      const off = Math.max(...object.box.map((edge, side) => Math.abs(edge - other.box[side]!)));
      assert.ok(off <= 3, `${object.of} moves ${off} of 256 pixels at the seam`);
    }
  });

  test(`${scene.name}: what it promises comes about, whatever the seed`, () => {
    for (const seed of [1, 77]) {
      const stage = scene.stage(seed);
      const truth = castTruth(scene, stage, seed);
      const kinds = new Set(truth.events.map(({ kind }) => kind));
      for (const kind of scene.promises) assert.ok(kinds.has(kind), `no event ${kind} with seed ${seed}`);
      const ids = new Set([...truth.actors.map(({ id }) => id), ...truth.vehicles.map(({ id }) => id)]);
      for (const event of truth.events) {
        assert.ok(event.start >= 0 && event.start <= event.end && event.end <= scene.seconds, JSON.stringify(event));
        const things = event.kind === 'fire' || event.kind === 'smoke';
        if (!things) for (const id of event.of) assert.ok(ids.has(id), `the event ${event.kind} names ${id}`);
      }
      for (const { name, points } of truth.zones)
        for (const [x, y] of points)
          assert.ok(
            x >= 0 && x <= truth.width && y >= 0 && y <= truth.height,
            `the zone ${name} is not in the picture`,
          );
    }
  });

  test(`${scene.name}: everything that the truth names lies in the picture`, () => {
    const stage = scene.stage(1);
    const known = castTruth(scene, stage, 1);
    const ids = new Set([...known.actors.map(({ id }) => id), ...known.vehicles.map(({ id }) => id)]);
    const people = new Set<string>();
    for (let frame = 0; frame < frameCount(scene); frame += scene.fps * 2) {
      for (const { kind, of, box, visible } of seenAt(scene, stage, frame)) {
        assert.ok(box[0] >= 0 && box[1] >= 0 && box[2] <= 256 && box[3] <= 256 && box[0] < box[2] && box[1] < box[3]);
        assert.ok(visible > 0 && visible <= 1);
        if (kind === 'person' || kind === 'vehicle') assert.ok(ids.has(of), `${of} does not play`);
        if (kind === 'person' || kind === 'vehicle') people.add(of);
      }
    }
    assert.equal(people.size, ids.size, `not seen: ${[...ids].filter((id) => !people.has(id)).join(', ')}`);
  });
}

test('the clips, their truth and the index agree with the scenes', async (t) => {
  if (!existsSync(join(CLIPS, 'index.json'))) return t.skip('no clips are rendered');
  const index = JSON.parse(await readFile(join(CLIPS, 'index.json'), 'utf8')) as Awaited<ReturnType<typeof indexOf>>;
  assert.deepEqual(index, await indexOf(CLIPS));
  assert.deepEqual(
    index.map(({ name }) => name),
    SCENES.map(({ name }) => name),
  );
  let bytes = 0;
  for (const entry of index) {
    const scene = sceneOf(entry.name);
    const text = await readFile(join(CLIPS, `${entry.name}.json`), 'utf8');
    const { frames, ...truth } = JSON.parse(text) as ClipTruth;
    assert.deepEqual(
      truth,
      JSON.parse(JSON.stringify(castTruth(scene, scene.stage(truth.seed), truth.seed))),
      entry.name,
    );
    assert.deepEqual(
      frames.map(({ frame }) => frame),
      Array.from({ length: frameCount(scene) }, (_, frame) => frame),
    );
    const clip = await readFile(join(CLIPS, `${entry.name}.mp4`));
    assert.equal(pictures(clip), frames.length, `pictures of ${entry.name}`);
    bytes += clip.length + text.length;
  }
  assert.ok(bytes < 12e6, `the clips and their truth take ${bytes} bytes`);
});

/** Number of pictures in a clip with one track: its table of sample sizes tells. */
function pictures(clip: Buffer): number {
  const table = clip.indexOf('stsz');
  assert.ok(table > 0, 'the clip has no table of its pictures');
  return clip.readUInt32BE(table + 12);
}
