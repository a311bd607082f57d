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
  const parts = stem.split('_').map(filled);
  if (parts.length <= NAME_PARTS) return named({ name: filled(stem) });
  if (parts.length < PARTS) return { fault: 'parts' };
  const gender = genderAt(parts);
  if (gender === undefined) return { fault: 'gender-age' };
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
 * Where the gender stands: the last place where an age may follow it, with an address behind and three parts before.
 * Ids and addresses may hold underscores of their own.
 */
function genderAt(parts: readonly string[]): number | undefined {
  for (let at = parts.length - 3; at >= 3; at--)
    if (/^[01]?$/.test(parts[at]!) && /^\d{0,3}$/.test(parts[at + 1]!)) return at;
  return undefined;
}

function named(given: Partial<Person>, imageId = ''): NamedFile | { fault: NameFault } {
  const person: Person = { ...NOBODY, ...given };
  if (person.name === '') return { fault: 'name' };
  if (imageId !== '' && !IMAGE_ID.test(imageId)) return { fault: 'image-id' };
  return { person, imageId };
}

function filled(part: string): string {
  const text = part.trim();
  return text === '#' ? '' : text;
}
