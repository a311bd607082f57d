import { NOBODY, type Person } from './shapes.ts';

/**
 * Names of files that say who is in the picture: `Name_imgid_Identity_Gender_Age_Address.jpg`, an empty part written
 * `#`; or the person's name alone. Read as the box reads them (`../file-name.ts`), but stricter: what looks like the
 * six parts with some of them forgotten is pointed out, so that nobody is called by his identity number.
 */

export interface NamedFile {
  person: Person;
  /** Empty: the box allocates one. */
  imageId: string;
}

/** Which part of a name cannot be meant. */
export type NameFault = 'type' | 'parts' | 'name' | 'image-id' | 'gender-age';

const PARTS = 6;
/** What an empty part is written as. */
const EMPTY = '#';
const EMPTY_PART = /^#$/;
/** More would be longer than an id may be; a name of any length is read in no time. */
const MOST_PIECES = 24;
/** Nor is an identity number, of 15 or 18 characters, a piece of an id. */
const NO_PIECE_OF_ID = /^(#|\d{15}|\d{17}[\dXx])$/;
/** A name may be written with an underscore between its parts. */
const NAME_PARTS = 2;
/** What the box decodes. */
const PICTURE_TYPES = ['jpg', 'jpeg', 'png', 'bmp', 'tif', 'tiff'] as const;

const IMAGE_ID = /^[A-Za-z0-9_-]{1,48}$/;

/** What a file's name says, or what is wrong with it. */
export function parseFileName(file: string): NamedFile | { fault: NameFault } {
  // A folder's files come with their path.
  const name = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1).normalize('NFC');
  const dot = name.lastIndexOf('.');
  const type = name.slice(dot + 1).toLowerCase();
  if (dot < 1 || !PICTURE_TYPES.some((known) => known === type)) return { fault: 'type' };
  const stem = name.slice(0, dot).trim();
  const written = stem.split('_').map((part) => part.trim());
  if (written.length <= NAME_PARTS) return named({ name: filled(stem) });
  if (written.length < PARTS) return { fault: 'parts' };
  const gender = genderAt(written);
  if (gender === undefined) return { fault: 'gender-age' };
  const parts = written.map(filled);
  return named(
    {
      name: parts[0]!,
      idcard: parts[gender - 1]!,
      gender: parts[gender]!,
      age: parts[gender + 1]!,
      address: parts.slice(gender + 2).join('_'),
    },
    parts.slice(1, gender - 1).join('_'),
  );
}

/**
 * Where the gender stands: with the age and at least one part of an address behind it, three parts before it. A `#` is
 * never a piece of an id or an address that holds underscores. Of several places the first is taken, by choice one with
 * both gender and age: an identity number must not be taken for a piece of an id.
 */
function genderAt(parts: readonly string[]): number | undefined {
  const places = Array.from({ length: Math.min(parts.length - 5, MOST_PIECES) }, (_, at) => at + 3).filter(
    (at) =>
      /^[01#]?$/.test(parts[at]!) &&
      /^(\d{0,3}|#)$/.test(parts[at + 1]!) &&
      canBeOne(parts.slice(1, at - 1), NO_PIECE_OF_ID) &&
      canBeOne(parts.slice(at + 2), EMPTY_PART),
  );
  return places.find((at) => filled(parts[at]!) !== '' && filled(parts[at + 1]!) !== '') ?? places[0];
}

/** Whether pieces may be one part that holds underscores. */
function canBeOne(pieces: readonly string[], noPiece: RegExp): boolean {
  return pieces.length === 1 || !pieces.some((piece) => noPiece.test(piece));
}

function named(given: Partial<Person>, imageId = ''): NamedFile | { fault: NameFault } {
  const person: Person = { ...NOBODY, ...given };
  if (person.name === '') return { fault: 'name' };
  if (imageId !== '' && !IMAGE_ID.test(imageId)) return { fault: 'image-id' };
  return { person, imageId };
}

function filled(part: string): string {
  const text = part.trim();
  return text === EMPTY ? '' : text;
}
