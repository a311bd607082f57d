import { BAGS, COATS, COLOURS, EXPRESSIONS, HATS, PATTERNS, SHOES, STATUSES, UNIFORMS } from '../render/types.ts';

/**
 * What the classifying models answer: their heads in the order of their outputs, and the values of each in the order of
 * its classes. The datasets and the adapters both read this, so a change here asks for models trained anew.
 */

export interface ValueHead {
  /** Key of the attribute in the contract. */
  name: string;
  values: readonly string[];
}

export interface NumberHead {
  name: string;
  kind: 'number';
  /** Labels are whole numbers: the value itself; models learn and answer it divided by this. */
  scale: number;
}

export type Head = ValueHead | NumberHead;

/** Label of a head whose truth cannot be seen in the picture. */
export const UNKNOWN = -1;

/** Stands for "not there" where the contract has no word for it because the key is only sent when there is something. */
export const NONE = 'none';

/** Appendix B. */
export const FACE_HEADS: readonly Head[] = [
  { name: 'gender_code', values: ['female', 'male'] },
  { name: 'st_age', values: ['st_child', 'st_adult', 'st_old'] },
  { name: 'st_age_value', kind: 'number', scale: 100 },
  { name: 'mustache_style', values: ['mustache_style_type_none', 'whiskers'] },
  { name: 'st_respirator', values: ['st_respirator_full', 'st_respirator_nose', 'st_respirator_mouth'] },
  { name: 'respirator_color', values: ['color_type_none', 'color_type_other'] },
  { name: 'glass_style', values: ['glasses_style_type_none', 'transparent_glasses', 'sunglasses'] },
  { name: 'st_expression', values: EXPRESSIONS },
  { name: 'cap_style', values: ['hat_style_type_none', 'cap'] },
];

/** Appendix C, and what somebody is doing. */
export const BODY_HEADS: readonly ValueHead[] = [
  { name: 'gender_code', values: ['female', 'male'] },
  { name: 'st_age', values: ['st_child', 'st_adult', 'st_old'] },
  { name: 'coat_length', values: ['st_bareback', 'short_sleeve', 'long_sleeve'] },
  { name: 'pants_length_type', values: ['trousers', 'shorts', 'st_skirt'] },
  { name: 'st_pedestrian_angle', values: ['st_front', 'st_side', 'st_back'] },
  { name: 'st_coat_pattern', values: PATTERNS },
  { name: 'trousers_color', values: COLOURS },
  { name: 'st_umbrella', values: [NONE, 'st_umbrella'] },
  { name: 'umbrella_color', values: [NONE, ...COLOURS, 'transparent'] },
  { name: 'st_trousers_pattern', values: PATTERNS },
  { name: 'st_hat', values: [NONE, 'st_hat'] },
  { name: 'cap_style', values: ['hat_style_type_none', ...HATS] },
  { name: 'cap_color', values: [NONE, ...COLOURS] },
  { name: 'coat_style', values: [...COATS, 'coat_style_type_other'] },
  { name: 'coat_color', values: COLOURS },
  { name: 'hair_style', values: ['st_short', 'long', 'bald'] },
  { name: 'hair_color', values: ['black', 'white', 'yellow'] },
  { name: 'shoes_style', values: SHOES },
  { name: 'shoes_color', values: COLOURS },
  { name: 'st_bag', values: [NONE, 'st_bag'] },
  { name: 'bag_type', values: ['bag_style_type_none', ...BAGS] },
  { name: 'bag_color', values: [NONE, ...COLOURS] },
  { name: 'st_respirator', values: [NONE, 'st_respirator'] },
  { name: 'respirator_color', values: [NONE, 'black', 'white', 'gray', 'blue'] },
  { name: 'glasses_style_type', values: ['glasses_style_type_none', 'st_ordinary_glasses', 'sunglasses'] },
  { name: 'st_glove', values: [NONE, 'st_glove'] },
  {
    name: 'st_status_type',
    values: ['st_normal', 'st_hold_object_in_front', 'st_play_phone', 'st_call', 'st_smoke'],
  },
  { name: 'st_uniform', values: UNIFORMS },
  { name: 'status', values: STATUSES },
];

/** One answer: 0 for a face on paper or on a screen, 1 for somebody who is there. */
export const LIVENESS_HEADS: readonly ValueHead[] = [{ name: 'alive', values: ['spoof', 'alive'] }];

/** The classes of the detector, in the order of its outputs. */
export const DETECTOR_LABELS = [
  'person',
  'face',
  'helmet',
  'vehicle',
  'plate',
  'fire',
  'smoke',
  'extinguisher',
] as const;

/** What the plate reader can say; a space or hyphen on a plate is not read. */
export const PLATE_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/**
 * The labels of one picture, in the order of the heads.
 * @param values by head; what is missing or undefined is `UNKNOWN`.
 * @throws Error for a value that its head does not have, or a number that does not fit.
 */
export function labelsOf(
  heads: readonly Head[],
  values: Readonly<Record<string, string | number | undefined>>,
): number[] {
  return heads.map((head) => {
    const value = values[head.name];
    if (value === undefined) return UNKNOWN;
    if ('kind' in head) {
      const number = Math.round(Number(value));
      if (!(number >= 0 && number <= 32_767)) throw new Error(`${head.name} cannot be ${value}`);
      return number;
    }
    const index = head.values.indexOf(String(value));
    if (index < 0) throw new Error(`${head.name} has no value ${value}, only ${head.values.join(', ')}`);
    return index;
  });
}
