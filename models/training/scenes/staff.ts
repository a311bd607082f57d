import { lookAlike, makeIdentity } from '../render/identity.ts';
import type { FaceIdentity } from '../render/types.ts';

export interface Known {
  /** Of the identity, as the truth of every clip names it. */
  id: string;
  name: string;
  /** `key` is somebody whose coming is to be told at once; look-alikes are strangers who resemble one of the staff. */
  role: 'staff' | 'key' | 'look-alike';
  face: FaceIdentity;
  /** Of a look-alike: whom it resembles. */
  like?: string;
}

function member(name: string, seed: string, role: 'staff' | 'key' = 'staff'): Known {
  const face = makeIdentity(seed);
  return { id: face.id, name, role, face };
}

function double(of: Known, name: string): Known {
  const face = lookAlike(of.face, 'double');
  return { id: face.id, name, role: 'look-alike', face, like: of.id };
}

/** The people of the house. Who they are hangs on these seeds alone, never on the seed of a clip. */
export const people = {
  yue: member('Lin Yue', 'staff-3'),
  marco: member('Marco Bellini', 'staff-2'),
  elena: member('Elena Novak', 'staff-12'),
  kofi: member('Kofi Mensah', 'staff-14'),
  priya: member('Priya Raman', 'staff-24'),
  jonas: member('Jonas Weber', 'staff-4'),
  hana: member('Hana Sato', 'staff-52'),
  tomas: member('Tomas Silva', 'staff-39'),
  wei: member('Chen Wei', 'staff-45'),
  arthur: member('Arthur Lindqvist', 'staff-50', 'key'),
} as const;

const doubles = {
  ofYue: double(people.yue, 'Double of Lin Yue'),
  ofMarco: double(people.marco, 'Double of Marco Bellini'),
};

/** Look-alikes of staff: a box must not take them for whom they resemble. */
export const lookAlikes = doubles;

export const STAFF: readonly Known[] = [...Object.values(people), ...Object.values(doubles)];

/** Somebody of full age whom nobody here knows; the same number is the same person in every clip. */
export function stranger(number: number): FaceIdentity {
  for (let attempt = 0; ; attempt += 1) {
    const face = makeIdentity(`stranger-${number}-${attempt}`);
    if (face.age >= 18 && face.age < 70) return face;
  }
}
