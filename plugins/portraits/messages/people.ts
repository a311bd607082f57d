import { z } from 'zod';
import { localToInstant, startOfDay } from '../../../core/clock.ts';
import { ContractError } from '../../../core/gateway/errors.ts';
import { aliased, given, list, localTime, paging, text } from '../../../core/gateway/lenient.ts';
import { type Call, type MessageDefinition, message } from '../../../core/plugin/contract.ts';
import { NOBODY } from '../person.ts';
import { receiptInTime, receiptWords } from '../receipts.ts';
import type { PersonFields } from '../shapes.ts';
import {
  base64Picture,
  bytesOfBase64,
  CHANGE,
  fileOf,
  imgId,
  libId,
  type MessageParts,
  personFields,
  personOf,
  personRow,
  SEE,
  SEE_PICTURES,
} from './fields.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A moment, or a day. */
const createTime = z.union([
  localTime(),
  z
    .string()
    .trim()
    .regex(/^\d{4}-\d{2}-\d{2}$/, 'must be yyyy-MM-dd HH:mm:ss')
    .pipe(z.string().refine((day) => localTime().safeParse(`${day} 00:00:00`).success, 'is not a day that exists')),
]);

const newPerson = {
  lib_id: libId,
  img_id: given(text()),
  ...personFields,
};

/** Messages 1029, 1031 to 1033, 1035, 1044, 1051 and 1067: people. */
export function peopleMessages({ library, clock, quality }: MessageParts): MessageDefinition[] {
  const enrol = async (asked: z.output<z.ZodObject<typeof newPerson>>, picture: Uint8Array, call: Call) => {
    call.remark(`database ${asked.lib_id}`);
    const { portrait } = await library
      .enrol({
        libId: asked.lib_id,
        picture,
        imgId: asked.img_id ?? '',
        person: { ...NOBODY, ...personOf(asked) },
        quality: quality(),
      })
      .catch((error: unknown) => {
        // Pages are told more of a refusal than clients, which expect no data with it.
        throw error instanceof ContractError ? new ContractError(error.code, error.message) : error;
      });
    return { img_id: portrait.imgId };
  };
  const erase = async (asked: { lib_id: number }, imgIds: readonly string[], call: Call) => {
    call.remark(`database ${asked.lib_id}`);
    call.remark(receiptWords(await receiptInTime((noted) => library.remove(asked.lib_id, imgIds, noted))));
  };

  return [
    message({
      id: 1029,
      name: 'add a face image',
      access: CHANGE,
      request: z.object(newPerson),
      handle: (asked, call) => enrol(asked, fileOf(call, 'img'), call),
    }),
    message({
      id: 1051,
      name: 'add a face image (base64)',
      access: CHANGE,
      request: z.object({ ...newPerson, img: base64Picture }),
      handle: (asked, call) => enrol(asked, bytesOfBase64(asked.img.data), call),
    }),
    message({
      id: 1031,
      name: 'delete a face image',
      access: CHANGE,
      request: z.object({ lib_id: libId, img_id: imgId }),
      handle: (asked, call) => erase(asked, [asked.img_id], call),
    }),
    message({
      id: 1044,
      name: 'delete face images',
      access: CHANGE,
      request: z.object({ lib_id: libId, img_ids: list({ min: 1, max: 50 }) }),
      handle: (asked, call) => erase(asked, asked.img_ids, call),
    }),
    message({
      id: 1033,
      name: "modify a face image's attributes",
      access: CHANGE,
      request: z.object({ lib_id: libId, img_id: imgId, ...personFields }),
      handle: async (asked, call) => {
        const change = personOf(asked);
        call.remark(`database ${asked.lib_id}: ${Object.keys(change).join(', ') || 'nothing'}`);
        await library.modify(asked.lib_id, asked.img_id, change);
        return { img_id: asked.img_id, lib_id: asked.lib_id };
      },
    }),
    message({
      id: 1032,
      name: 'query a face image',
      access: SEE_PICTURES,
      request: z.object({ lib_id: libId, img_id: imgId }),
      handle: async (asked) => {
        const portrait = library.need(asked.lib_id, asked.img_id);
        const picture = await library.picture(portrait);
        // An embedding is of use to nobody outside the box, and whoever has it can look for the face for ever.
        return { ...personRow(portrait, clock.zone), img: picture ? base64(picture) : '', img_feat: '' };
      },
    }),
    message({
      id: 1035,
      name: 'query face images',
      access: SEE,
      request: z.object({ lib_id: libId, ...paging(50), create_time: given(createTime) }),
      handle: async ({ lib_id, start_no, qry_len, create_time }) => {
        const range = create_time === undefined ? {} : created(create_time, clock.zone);
        const { rows, total } = await library.page({ libId: lib_id, ...range, limit: qry_len, offset: start_no - 1 });
        return {
          record: rows.map((portrait) => personRow(portrait, clock.zone)),
          result_num: rows.length,
          total_num: total,
        };
      },
    }),
    message({
      id: 1067,
      name: "read a face image's sensitive data",
      // Who read them stands in the operation log, as with every change.
      access: CHANGE,
      request: aliased({ img_id: ['uuid'] }, z.object({ lib_id: libId, img_id: imgId })),
      handle: (asked, call) => {
        call.remark(`database ${asked.lib_id}: read in clear`);
        const portrait = library.need(asked.lib_id, asked.img_id);
        const person = library.readClear(asked.lib_id, asked.img_id);
        call.remark(`image ${portrait.id}`);
        return {
          record: [{ ...personRow(portrait, clock.zone), ...clear(person) }],
          result_num: 1,
          total_num: 1,
        };
      },
    }),
  ];
}

function clear(person: PersonFields) {
  return { person_addr: person.address, person_idcard: person.idcard };
}

/** From a moment on; a day alone is that day. */
function created(time: string, zone: string): { from: number; to?: number } {
  if (time.length > 10) return { from: localToInstant(time, zone) };
  const noon = localToInstant(`${time} 12:00:00`, zone);
  // A day may have 23 or 25 hours: the noon of the next lies in the next all the same.
  return { from: startOfDay(noon, zone), to: startOfDay(noon + DAY_MS, zone) };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
