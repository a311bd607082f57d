import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { checkedImgId, masked, NOBODY } from './person.ts';
import type { PersonFields } from './shapes.ts';

/** What the name of a picture's file says of the person. */
export interface NamedPicture {
  /** Empty: to be allocated. */
  imgId: string;
  person: PersonFields;
}

/** Name, id, identity, gender, age, address. */
const PARTS = 6;
/** What an empty part is written as. */
const EMPTY = '#';
const EMPTY_PART = /^#$/;
/** More would be longer than an id may be; a name of any length is read in no time. */
const MOST_PIECES = 24;
/** Nor is an identity number, of 15 or 18 characters, a piece of an id. */
const NO_PIECE_OF_ID = /^(#|\d{15}|\d{17}[\dXx])$/;
const EXTENSION = /\.(jpe?g|png|bmp|tiff?)$/i;

/**
 * Reads `Name_imgid_Identity_Gender_Age_Address.jpg`, an empty part written `#`. Ids and addresses may hold underscores
 * of their own: gender and age say where the address begins (`genderAt`); what is left between name and identity is the
 * id. A name with fewer parts is the person's name and nothing else.
 * @throws ContractError -3596 where six parts are there and none can be gender and age
 */
export function readFileName(file: string): NamedPicture {
  const { stem } = pieces(file.normalize('NFC'));
  const written = partsOf(stem);
  if (written.length < PARTS) return { imgId: '', person: { ...NOBODY, name: filled(stem) } };
  const gender = genderAt(written);
  if (gender === undefined) {
    throw new ContractError(
      CODE.wrongParameter,
      'the file name must be Name_imgid_Identity_Gender_Age_Address, with gender 0, 1 or # and age 0 to 999 or #',
    );
  }
  const parts = written.map(filled);
  return {
    imgId: parts.slice(1, gender - 1).join('_'),
    person: {
      name: parts[0] ?? '',
      idcard: parts[gender - 1] ?? '',
      gender: parts[gender] ?? '',
      age: parts[gender + 1] ?? '',
      address: parts.slice(gender + 2).join('_'),
    },
  };
}

/** The id that a picture's file gives; '' where there is none, or none that anybody can be enrolled under. */
export function idOf(file: string): string {
  try {
    return checkedImgId(readFileName(file).imgId);
  } catch {
    return '';
  }
}

/**
 * The name of a file as lists show it: identity and address are masked where something is written. Of six parts and more
 * that cannot be read, everything behind the id is.
 */
export function maskedFileName(file: string): string {
  const { folder, stem, extension } = pieces(file);
  const parts = stem.split('_');
  if (parts.length < PARTS) return file;
  const gender = genderAt(partsOf(stem));
  const hidden = (...some: string[]) => masked(filled(some.join('_')) !== '') || some.join('_');
  const shown =
    gender === undefined
      ? [...parts.slice(0, 2), masked(true)]
      : [
          ...parts.slice(0, gender - 1),
          hidden(parts[gender - 1] ?? ''),
          ...parts.slice(gender, gender + 2),
          hidden(...parts.slice(gender + 2)),
        ];
  return folder + shown.join('_') + extension;
}

function pieces(file: string): { folder: string; stem: string; extension: string } {
  const begin = Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1;
  const name = file.slice(begin);
  const extension = EXTENSION.exec(name)?.[0] ?? '';
  return { folder: file.slice(0, begin), stem: name.slice(0, name.length - extension.length).trim(), extension };
}

/**
 * Where the gender stands: with the age and at least one part of an address behind it, three parts before it. A `#` is a
 * part of its own, never a piece of an id or an address that holds underscores. Of several places the first is taken, by
 * choice one with both gender and age: ids have no underscore unless a client sees to it, while addresses are free, and
 * an identity number taken for a piece of an id would be shown in clear.
 */
function genderAt(parts: readonly string[]): number | undefined {
  const places = Array.from({ length: Math.min(parts.length - 5, MOST_PIECES) }, (_, at) => at + 3).filter(
    (at) =>
      /^[01#]?$/.test(parts[at] ?? '') &&
      /^(\d{0,3}|#)$/.test(parts[at + 1] ?? '') &&
      canBeOne(parts.slice(1, at - 1), NO_PIECE_OF_ID) &&
      canBeOne(parts.slice(at + 2), EMPTY_PART),
  );
  const both = places.find((at) => filled(parts[at] ?? '') !== '' && filled(parts[at + 1] ?? '') !== '');
  return both ?? places[0];
}

/** Whether pieces may be one part that holds underscores. */
function canBeOne(pieces: readonly string[], noPiece: RegExp): boolean {
  return pieces.length === 1 || !pieces.some((piece) => noPiece.test(piece));
}

function partsOf(stem: string): string[] {
  return stem.split('_').map((part) => part.trim());
}

function filled(part: string): string {
  const text = part.trim();
  return text === EMPTY ? '' : text;
}
