import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { isMask, MASK } from '../../core/plugin/config.ts';
import type { PersonFields } from './shapes.ts';

/** The interface names no lengths; these are longer than any name, number or address that is used. */
export const LONGEST = { name: 100, idcard: 100, address: 500, libName: 100, imgId: 48 } as const;

const LABELS: Record<keyof PersonFields, string> = {
  name: 'person_name',
  gender: 'person_gender',
  age: 'person_age',
  idcard: 'person_idcard',
  address: 'person_addr',
};

/** Nothing is known of somebody. */
export const NOBODY: PersonFields = { name: '', gender: '', age: '', idcard: '', address: '' };

/** What stands in the place of a sensitive value. */
export function masked(isThere: boolean): string {
  return isThere ? MASK : '';
}

/**
 * What is told of somebody new. A mask tells nothing.
 * @throws ContractError -3596, naming the field
 */
export function checkedPerson(person: PersonFields): PersonFields {
  const plain = { ...NOBODY };
  for (const [field, value] of Object.entries(person) as [keyof PersonFields, string][]) {
    if (!(field in LABELS)) continue;
    plain[field] = isMask(value) ? '' : checkedField(field, value);
  }
  return plain;
}

/**
 * What is to be changed of somebody: only what is given, and is no mask.
 * @throws ContractError -3596, naming the field
 */
export function checkedChange(change: Partial<PersonFields>): Partial<PersonFields> {
  const plain: Partial<PersonFields> = {};
  for (const [field, value] of Object.entries(change) as [keyof PersonFields, string | undefined][]) {
    if (!(field in LABELS) || value === undefined || isMask(value)) continue;
    plain[field] = checkedField(field, value);
  }
  return plain;
}

/** Names, numbers and addresses are one line wherever they are shown: of several it is made. */
export function oneLine(value: string): string {
  return value
    .normalize('NFC')
    .replaceAll(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, ' ')
    .trim();
}

/** What is left of control characters means nothing in a name. */
export function hasControls(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

function checkedField(field: keyof PersonFields, value: string): string {
  const text = oneLine(value);
  const fault = faultOf(field, text);
  if (fault) throw new ContractError(CODE.wrongParameter, `${LABELS[field]}: ${fault}`, '', LABELS[field]);
  return text;
}

function faultOf(field: keyof PersonFields, text: string): string | undefined {
  if (hasControls(text)) return 'must not contain control characters';
  if (field === 'gender') return /^[01]?$/.test(text) ? undefined : 'must be 0 (female), 1 (male) or empty';
  if (field === 'age') return /^\d{0,3}$/.test(text) ? undefined : 'must be a number from 0 to 999, or empty';
  return text.length > LONGEST[field] ? `must have at most ${LONGEST[field]} characters` : undefined;
}

/**
 * An id as a client chooses it.
 * @throws ContractError -2754 too long, -3596 other characters than letters, digits, hyphen, underscore
 */
export function checkedImgId(imgId: string): string {
  if (imgId.length > LONGEST.imgId) throw new ContractError(CODE.imageIdTooLong);
  if (!/^[A-Za-z0-9_-]+$/.test(imgId)) {
    throw new ContractError(
      CODE.wrongParameter,
      'img_id: must be of letters, digits, hyphens and underscores',
      '',
      'img_id',
    );
  }
  return imgId;
}
