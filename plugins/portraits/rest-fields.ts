import { z } from 'zod';
import { type Access, decide } from '../../core/gateway/authorization.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { int, text } from '../../core/gateway/lenient.ts';
import type { Call } from '../../core/plugin/contract.ts';
import type { RouteParts } from './routes.ts';

/** Rights and fields that the routes of this plugin have in common. */

export const SEE: Access = { area: 'people', action: 'see' };
export const CHANGE: Access = { area: 'people', action: 'change' };
/** Asking who somebody is shows who is enrolled. */
export const SEARCH: Access = { area: 'people', action: 'see', images: true };
const SEE_CAPTURES: Access = { area: 'records', action: 'see', images: true };

/** Bytes of a picture; base64 takes a third more. */
const LARGEST = 20 * 1024 * 1024;
const LARGEST_TEXT = Math.ceil(LARGEST / 3) * 4;

export const databaseId = int({ min: 1 });
export const imageId = text({ min: 1, max: 100 });

export const capturePath = text({ min: 1, max: 200 });

/** A picture as base64, also as a data URL, as bytes. */
export const picture = z
  .string()
  .min(1)
  .max(LARGEST_TEXT + 100)
  .transform((value, context): Uint8Array => {
    const bytes = Buffer.from(value.slice(value.startsWith('data:') ? value.indexOf(',') + 1 : 0), 'base64');
    if (bytes.byteLength > 0) return bytes;
    context.addIssue({ code: 'custom', message: 'must be a picture as base64' });
    return z.NEVER;
  });

/** A picture of the client's, or one the box captured: one of the two. */
export const pictureOrCapture = {
  picture: picture.optional(),
  capture: capturePath.optional().describe('path of a stored capture, instead of a picture'),
};

/**
 * The bytes of one of the two.
 * @throws ContractError for a capture: not allowed to see it, or gone
 */
export async function bytesOf(
  given: { picture?: Uint8Array | undefined; capture?: string | undefined },
  call: Call,
  blobs: RouteParts['blobs'],
): Promise<Uint8Array> {
  if ((given.picture === undefined) === (given.capture === undefined)) {
    throw new ContractError(CODE.wrongParameter, 'picture: give a picture or a capture', '', 'picture');
  }
  if (given.picture) return given.picture;
  return (await openCapture(given.capture!, 'capture', call, blobs)).bytes();
}

/**
 * Where a picture was taken from: a stored capture itself, or the one it was cut out of; undefined for neither.
 * @throws ContractError as `bytesOf`, also where a capture is said to be cut out of another
 */
export async function originOf(
  { capture, takenFrom }: { capture?: string | undefined; takenFrom?: string | undefined },
  call: Call,
  blobs: RouteParts['blobs'],
): Promise<string | undefined> {
  if (takenFrom === undefined) return capture;
  if (capture !== undefined) {
    throw new ContractError(CODE.wrongParameter, 'takenFrom: goes with a picture', '', 'takenFrom');
  }
  await (await openCapture(takenFrom, 'takenFrom', call, blobs)).close();
  return takenFrom;
}

/** @param field of the request, for the refusal */
async function openCapture(path: string, field: string, call: Call, blobs: RouteParts['blobs']) {
  if (decide(SEE_CAPTURES, call.caller) !== 'allowed') {
    throw new ContractError(CODE.notAllowed, 'this account may not see pictures of captures');
  }
  const stored = await blobs.open(path);
  // Only what was recorded: other stored pictures have rights of their own.
  if (stored?.row.picture === true && stored.row.area === 'records') return stored;
  await stored?.close();
  throw new ContractError(CODE.noSuchData, 'no such capture', '', field);
}

/** The interface's names of fields, by which the library names the one that is wrong, as these routes call them. */
const FIELDS: Record<string, string> = {
  person_name: 'name',
  person_gender: 'gender',
  person_age: 'age',
  person_idcard: 'idcard',
  person_addr: 'address',
  img_id: 'imageId',
  lib_name: 'name',
};

/** Passes on a refusal with the name of the field as it is here. */
export async function renamed<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ContractError) || error.field === undefined) throw error;
    throw new ContractError(error.code, error.message, error.data, FIELDS[error.field] ?? error.field);
  }
}
