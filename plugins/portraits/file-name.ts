import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { NOBODY } from './person.ts';
import type { PersonFields } from './shapes.ts';

/** What the name of a picture's file says of the person. */
export interface NamedPicture {
  /** Empty: to be allocated. */
  imgId: string;
  person: PersonFields;
}

/** Name, id, identity, gender, age, address. */
const PARTS = 6;
const EXTENSION = /\.(jpe?g|png|bmp|tiff?)$/i;

/**
 * Reads `Name_imgid_Identity_Gender_Age_Address.jpg`, an empty part written `#`. Ids and addresses may hold underscores
 * of their own: gender and age, the last pair that can be one, say where the address begins; what is left between name
 * and identity is the id. A name with fewer parts is the person's name and nothing else.
 * @throws ContractError -3596 where six parts are there and none can be gender and age
 */
export function readFileName(file: string): NamedPicture {
  const name = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1).normalize('NFC');
  const stem = name.replace(EXTENSION, '').trim();
  const parts = stem.split('_').map(filled);
  if (parts.length < PARTS) return { imgId: '', person: { ...NOBODY, name: filled(stem) } };
  const gender = genderAt(parts);
  if (gender === undefined) {
    throw new ContractError(
      CODE.wrongParameter,
      'the file name must be Name_imgid_Identity_Gender_Age_Address, with gender 0, 1 or # and age 0 to 999 or #',
    );
  }
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

/** Where the gender stands: with the age and at least one part of an address behind it, three parts before it. */
function genderAt(parts: readonly string[]): number | undefined {
  for (let at = parts.length - 3; at >= 3; at--) {
    if (/^[01]?$/.test(parts[at] ?? '') && /^\d{0,3}$/.test(parts[at + 1] ?? '')) return at;
  }
  return undefined;
}

function filled(part: string): string {
  const text = part.trim();
  return text === '#' ? '' : text;
}
