import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { wireAttributes } from '../../../core/events/push-body.ts';
import { CODE, ContractError } from '../../../core/gateway/errors.ts';
import { given, int, list } from '../../../core/gateway/lenient.ts';
import { type MessageDefinition, message } from '../../../core/plugin/contract.ts';
import type { ExaminedFace } from '../../../core/plugin/face-services.ts';
import { wholeSimilarity } from '../match.ts';
import { masked } from '../person.ts';
import type { Near } from '../shapes.ts';
import { base64Picture, bytesOfBase64, fileOf, type MessageParts, SEE, SEE_PICTURES } from './fields.ts';

const databases = list({ max: 50 })
  .pipe(z.array(z.string().regex(/^\d{1,10}$/, 'must be numbers of databases')))
  .transform((ids) => [...new Set(ids.map(Number))]);

const query = {
  threshold: given(int({ min: 0, max: 100 })).transform((value) => value ?? 0),
  lib_ids: given(databases).transform((value) => value ?? []),
  topk: given(int({ min: 1, max: 50 })).transform((value) => value ?? 1),
  n_topk: given(int({ min: 1, max: 50 })).transform((value) => value ?? 1),
};

/**
 * Messages 769, 771, 772 and 779 to 782: faces of pictures that are not kept. Telling who somebody is (772, 780) takes the
 * right to see pictures; looking at one's own does not.
 */
export function faceMessages({ comparison, exports, failed }: MessageParts): MessageDefinition[] {
  const detectOne = async (picture: Uint8Array) => {
    return faceRow(await comparison.detectOne(picture));
  };

  const detectAll = async (picture: Uint8Array) => {
    const { faces } = await comparison.detect(picture, { crops: true });
    return Promise.all(faces.map(async (face) => ({ ...faceRow(face), img_path: await kept(face.crop) })));
  };

  /** Path of a face that was cut out; '' where it cannot be kept. */
  const kept = async (crop: Uint8Array | undefined): Promise<string> => {
    if (!crop) return '';
    try {
      const file = await exports()?.file(`${randomUUID()}.jpg`, 'people', crop, [], { picture: true });
      return file?.path ?? '';
    } catch (error) {
      failed(error, 'a face that was cut out could not be kept');
      return '';
    }
  };

  const oneToMany = async (asked: z.output<z.ZodObject<typeof query>>, picture: Uint8Array) => {
    const { lib_ids: libIds, threshold, topk: most, n_topk: nth } = asked;
    if (nth > most) throw new ContractError(CODE.wrongParameter, 'n_topk: must not be larger than topk', '', 'n_topk');
    const { face, near } = await comparison.oneToMany(picture, { libIds, threshold, most });
    const topn = near.map(nearRow);
    const [left, top, right, bottom] = face.box.map(Math.round) as [number, number, number, number];
    const quality = Math.round(face.quality.score);
    const inPicture = { pos_top: top, pos_bottom: bottom, pos_left: left, pos_right: right, quality };
    return { In_pic: inPicture, in_pic: inPicture, n_topn: topn[nth - 1] ?? {}, topn };
  };

  const oneToOne = async (first: Uint8Array, second: Uint8Array) => {
    const { similarity } = await comparison.oneToOne(first, second);
    return { FaceImg1to1Rsp_Score: wholeSimilarity(similarity) };
  };

  return [
    message({
      id: 769,
      name: 'detect a face',
      access: SEE,
      request: z.object({}),
      handle: (_, call) => detectOne(fileOf(call, 'img')),
    }),
    message({
      id: 779,
      name: 'detect a face (base64)',
      access: SEE,
      request: z.object({ img: base64Picture }),
      handle: ({ img }) => detectOne(bytesOfBase64(img.data)),
    }),
    message({
      id: 782,
      name: 'detect faces',
      access: SEE,
      request: z.object({}),
      handle: (_, call) => detectAll(fileOf(call, 'img')),
    }),
    message({
      id: 772,
      name: 'compare a face with databases',
      access: SEE_PICTURES,
      request: z.object(query),
      handle: (asked, call) => oneToMany(asked, fileOf(call, 'img')),
    }),
    message({
      id: 780,
      name: 'compare a face with databases (base64)',
      access: SEE_PICTURES,
      request: z.object({ ...query, img: base64Picture }),
      handle: (asked) => oneToMany(asked, bytesOfBase64(asked.img.data)),
    }),
    message({
      id: 771,
      name: 'compare two faces',
      access: SEE,
      request: z.object({}),
      handle: (_, call) => oneToOne(fileOf(call, 'img_1'), fileOf(call, 'img_2')),
    }),
    message({
      id: 781,
      name: 'compare two faces (base64)',
      access: SEE,
      request: z.object({ img_1: base64Picture, img_2: base64Picture }),
      handle: (asked) => oneToOne(bytesOfBase64(asked.img_1.data), bytesOfBase64(asked.img_2.data)),
    }),
  ];
}

function faceRow(face: ExaminedFace) {
  return {
    attribute: wireAttributes('face', face.attributes),
    quality: Math.round(face.quality.score),
    coordinate: face.box.map(Math.round).join(','),
  };
}

function nearRow({ portrait, libName, libType, similarity }: Near, at: number) {
  return {
    img_id: portrait.imgId,
    img_path: portrait.imgPath,
    lib_id: portrait.libId,
    lib_name: libName,
    lib_type: libType,
    ranking: at + 1,
    similarity: wholeSimilarity(similarity),
    id: masked(portrait.hasIdcard),
    name: portrait.name,
    gender: portrait.gender,
    age: portrait.age,
    address: masked(portrait.hasAddress),
    // Only of strangers is it known where they were seen.
    wanderdeviceid: '',
    wandertrigger: '',
  };
}
