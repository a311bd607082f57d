import { HAIR_CUTS } from '../render/hair-cuts.ts';
import type { Actor, BagType, CoatStyle, Colour, Person, PoseKind } from '../render/types.ts';
import type { Area } from './body-area.ts';

/**
 * Things somebody wears or carries, and how many pixels of a crop show them: of each, how the same person looks who has it
 * otherwise.
 */

/** For each thing the pixels of a crop of 96 x 144 in which it must be seen, and what is told from so many on. */
const LEAST = {
  bag: [[45, ['st_bag', 'bag_type', 'bag_color']]],
  hat: [
    [25, ['st_hat', 'cap_color']],
    [50, ['cap_style']],
  ],
  hair: [[20, ['hair_style', 'hair_color']]],
  tail: [[12, ['hair_style']]],
  mask: [[14, ['st_respirator', 'respirator_color']]],
  glasses: [[12, ['glasses_style_type']]],
  gloves: [[12, ['st_glove']]],
  shoes: [
    [20, ['shoes_color']],
    [40, ['shoes_style']],
  ],
  lower: [
    [80, ['pants_length_type', 'trousers_color']],
    [150, ['st_trousers_pattern']],
  ],
  coat: [[150, ['coat_length', 'st_coat_pattern', 'coat_style', 'coat_color', 'st_uniform']]],
  cut: [[20, ['coat_style']]],
} as const satisfies Record<string, readonly (readonly [pixels: number, keys: readonly string[]])[]>;
type Thing = keyof typeof LEAST;

/** The attributes that too few pixels of the crop show. */
export function hiddenThings(actor: Actor, area: Area, faceHidden: boolean): string[] {
  return [...changes(actor, faceHidden)].flatMap(([thing, changed]) => {
    const pixels = area.of(changed);
    return LEAST[thing].flatMap(([least, keys]) => (pixels < least ? [...keys] : []));
  });
}

/** Pixels of the crop that differ between the body of a man and of a woman. */
export function outlinePixels({ person }: Actor, area: Area): number {
  const gender = person.face.gender === 'female' ? 'male' : 'female';
  return area.of({ ...person, face: { ...person.face, gender } });
}

/** A colour that no part of this one could be taken for. */
const OTHER: Readonly<Record<Colour, Colour>> = {
  black: 'white',
  white: 'black',
  gray: 'yellow',
  red: 'green',
  yellow: 'blue',
  blue: 'yellow',
  green: 'red',
  purple: 'green',
};

/**
 * For each thing somebody could be seen with, somebody who has it otherwise: in another colour where it is worn, since what
 * a hand carries also moves the arm, and worn where it is not.
 */
function* changes({ person, pose }: Actor, faceHidden: boolean): Generator<[Thing, Person]> {
  const { face, look, clothes } = person;
  const dressed = (part: Partial<Person['clothes']>): Person => ({ ...person, clothes: { ...clothes, ...part } });
  const looking = (part: Partial<Person['look']>): Person => ({ ...person, look: { ...look, ...part } });
  const haired = (part: Partial<Person['face']['hair']>): Person => ({
    ...person,
    face: { ...face, hair: { ...face.hair, ...part } },
  });
  const { coat, lower, shoes, bag } = clothes;
  // Somebody upright hides none of these from all sides.
  const hidden = HIDING.includes(pose);
  if (hidden) yield ['coat', dressed({ coat: { ...coat, colour: OTHER[coat.colour] } })];
  const alike = clothes.uniform === 'st_common_clothing' ? ALIKE[coat.style] : undefined;
  if (alike) yield ['cut', dressed({ coat: { ...coat, style: alike } })];
  // A dress is its own skirt.
  if (coat.style !== 'dress') yield ['lower', dressed({ lower: { ...lower, colour: OTHER[lower.colour] } })];
  yield ['shoes', dressed({ shoes: { ...shoes, colour: OTHER[shoes.colour] } })];
  yield ['gloves', dressed({ gloves: !clothes.gloves })];
  if (bag) {
    yield ['bag', dressed({ bag: { ...bag, colour: OTHER[bag.colour] } })];
    // One of the coat's own colour shows less than its size.
    const { bag: _, ...without } = clothes;
    if (!HELD.includes(bag.type)) yield ['bag', { ...person, clothes: without }];
  }
  yield [
    'hat',
    looking({ hat: look.hat ? { ...look.hat, colour: OTHER[look.hat.colour] } : { style: 'cap', colour: 'red' } }),
  ];
  const masked = look.mask?.worn === 'full' || look.mask?.worn === 'nose' ? look.mask : undefined;
  const mask = masked
    ? ({ ...masked, colour: masked.colour === 'black' ? 'white' : 'black' } as const)
    : ({ worn: 'full', colour: 'blue' } as const);
  if (!faceHidden) yield ['mask', looking({ mask })];
  if (!faceHidden) yield ['glasses', looking({ glasses: look.glasses === 'none' ? 'sunglasses' : 'none' })];
  if (face.hair.style !== 'bald') yield ['hair', haired({ colour: face.hair.colour === 'white' ? 'black' : 'white' })];
  if (HAIR_CUTS[face.hair.style][face.hair.cut]?.tail) yield ['tail', haired({ style: 'st_short', cut: COMBED_BACK })];
}

/** What something buttoned, zipped or pulled over is most easily taken for. */
const ALIKE: Readonly<Partial<Record<CoatStyle, CoatStyle>>> = {
  jacket: 'sweater',
  sweater: 'jacket',
  shirt: 't_shirt',
  t_shirt: 'shirt',
  business_suit: 'jacket',
};

/** What a hand carries moves the arm: without it more changes than what it hides. */
const HELD: readonly BagType[] = ['hand_bag', 'trolley'];

/** Poses in which somebody's own body, a chair or somebody else hides clothes. */
const HIDING: readonly PoseKind[] = ['fall', 'fight', 'sit', 'doze'];

/** What bound hair looks like without its tail. */
const COMBED_BACK = 8;
