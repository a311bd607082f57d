import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import sharp from 'sharp';
import type { Box } from '../../core/vision/keys.ts';
import type { Answer } from '../../tests/kit/box.ts';
import { type Photos, SAME, startPhotos } from '../../tests/kit/photos.ts';
import { dataUrl, startPlugin, type TestPlugin } from './fixture.ts';

/** Photos as somebody would send them, through the messages of the interface and the models as they are installed. */

interface Detected {
  coordinate: string;
  quality: number;
}

/** A photo and its faces as message 782 tells them. */
interface Seen {
  /** PNG of it as large as it is examined. */
  upright: Buffer;
  faces: Box[];
  /** For each annotated face the one that was found there. */
  annotated: Box[];
}

async function detected(box: TestPlugin, photos: Photos, name: string): Promise<Seen> {
  const bytes = photos.bytes(name);
  const { code, data } = await box.send<Detected[]>(782, {}, { img: bytes });
  const noses = photos.noses(name);
  const faces = code === -1101 ? [] : data.map(({ coordinate }) => coordinate.split(',').map(Number) as unknown as Box);
  // Faces are told in the upright photo, 1920 pixels long at most.
  const upright = sharp(bytes).autoOrient();
  const small = upright.resize({ width: 1920, height: 1920, fit: 'inside', withoutEnlargement: true });
  const { data: png, info } = await small.png().toBuffer({ resolveWithObject: true });
  const { autoOrient } = await sharp(bytes).metadata();
  const scale = info.width / autoOrient.width;
  const left = [...faces];
  const annotated = noses.map(([x, y]) => {
    const holds = ([x1, y1, x2, y2]: Box) => x * scale >= x1 && x * scale <= x2 && y * scale >= y1 && y * scale <= y2;
    const at = left.findIndex(holds);
    assert.ok(at >= 0, `${name}: no face around ${x}, ${y}`);
    return left.splice(at, 1)[0]!;
  });
  return { upright: png, faces, annotated };
}

/** The photo with one of its faces: everybody else is painted over, so that cosines are those of the photo as it is. */
function alone({ upright, faces }: Seen, face: Box): Promise<Buffer> {
  const others = faces.filter((one) => one !== face);
  const painted = others.map(([left, top, right, bottom]) => {
    const size = { width: right - left, height: bottom - top };
    return { input: { create: { ...size, channels: 3 as const, background: 'grey' } }, left, top };
  });
  return sharp(upright).composite(painted).png().toBuffer();
}

test('photos through the messages', async (t) => {
  const photos = await startPhotos(t);
  if (!photos) return;
  const box = await startPlugin(t, { images: photos.service });
  await t.test('every face is found, and those of one person match, and no others', () => assertFound(box, photos, t));
  await t.test('what is wrong with a picture has its code, whatever way it comes', () => assertRefused(box, photos));
});

async function assertFound(box: TestPlugin, photos: Photos, t: TestContext): Promise<void> {
  const lib_id = await box.database('everybody');
  let extra = 0;
  let count = 0;
  const matches: string[] = [];
  for (const name of photos.names) {
    const seen = await detected(box, photos, name);
    const { faces, annotated } = seen;
    extra += faces.length - annotated.length;
    for (const face of annotated) {
      count += 1;
      const img = faces.length === 1 ? photos.bytes(name) : await alone(seen, face);
      // Against all who came before: so each two are compared once.
      const query = { lib_ids: lib_id, threshold: SAME, topk: 50 };
      const found: Answer<{ topn?: { name: string }[] }> = await box.send(772, query, { img });
      assert.equal(found.code, count === 1 ? -1107 : 0, `772, ${name}: ${found.msg}`);
      for (const other of found.data.topn ?? []) matches.push([other.name, name].sort().join(' '));
      const person = { img_id: `face-${count}`, person_name: name };
      const enrolled: Answer = await box.send(1029, { lib_id, ...person }, { img });
      assert.equal(enrolled.code, 0, `1029, ${name}: ${enrolled.msg}`);
    }
  }
  assert.ok(extra <= 1, `${extra} false faces`);
  assert.deepEqual(matches.sort(), photos.pairs);
  t.diagnostic(`${count} faces in ${photos.names.length} photos, ${extra} false`);
}

/** Messages that take one picture, or two: as files, and as base64. */
const WAYS: [form: number, json: number][] = [
  [769, 779],
  [771, 781],
  [772, 780],
  [1029, 1051],
];

async function assertRefused(box: TestPlugin, photos: Photos): Promise<void> {
  const lib_id = await box.database('refused');
  const good = photos.bytes('009_C.jpg');
  await box.send(1029, { lib_id }, { img: good });
  const blank = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: 'white' } })
      .png()
      .toBuffer();
  // Eyes and half a nose: a face, and nobody can be told by it.
  const portrait = sharp(photos.bytes('005_A.jpg')).autoOrient().resize({ width: 640 });
  const { data, info } = await portrait.jpeg({ quality: 95 }).toBuffer({ resolveWithObject: true });
  const half = { left: 0, top: 0, width: info.width, height: Math.round(info.height * 0.54) };
  const pictures: [what: string, picture: Uint8Array, code: number, detected?: number][] = [
    // Detecting tells the quality and leaves it to the client.
    ['half a face', await sharp(data).extract(half).jpeg({ quality: 95 }).toBuffer(), -1102, 0],
    ['two people', photos.bytes('010_2.jpg'), -1109],
    ['nobody', photos.bytes('017_0.jpg'), -1101],
    ['too small', await blank(31, 200), -1110],
    ['too long', await blank(12_001, 40), -1110],
    ['no picture', new TextEncoder().encode('<html>'), -1104],
  ];
  for (const [what, picture, code, detecting = code] of pictures) {
    const coded = (bytes: Uint8Array) => ({ filename: 'x.jpg', data: dataUrl(bytes) });
    const parameters = { lib_id, lib_ids: lib_id };
    for (const [form, json] of WAYS) {
      const files = { img: picture, img_1: picture, img_2: good };
      const objects = { img: coded(picture), img_1: coded(picture), img_2: coded(good) };
      const expected = form === 769 ? detecting : code;
      const answers: Answer[] = [
        await box.send(form, parameters, files),
        await box.send(json, { ...parameters, ...objects }),
      ];
      assert.deepEqual(
        answers.map((answer) => answer.code),
        [expected, expected],
        `${what}, ${form} and ${json}`,
      );
    }
    const batch: Answer<{ url: string }> = await box.send(1030, { lib_id, uuid: what }, { img_1: picture });
    const list = box.use.exports!.files.get(batch.data.url)!.data;
    assert.equal(/"img_1.jpg","","(.*?)"/.exec(list)?.[1], String(code), `${what}, 1030`);
  }
}
