import { randomLook } from './identity.ts';
import type { Random } from './random.ts';
import {
  BAGS,
  type Clothes,
  COLOURS,
  type CoatStyle,
  type Colour,
  type FaceIdentity,
  type FaceLook,
  HATS,
  type Pattern,
  type Person,
  type ShoeStyle,
  UNIFORMS,
  type Uniform,
} from './types.ts';

/** What a person must be like; all else is left to chance. */
export interface Wishes {
  uniform: Uniform;
  /** `undefined` for none. */
  hat: FaceLook['hat'] | undefined;
  mask: FaceLook['mask'] | undefined;
  glasses: FaceLook['glasses'];
  expression: FaceLook['expression'];
  coat: Partial<Clothes['coat']>;
  lower: Partial<Clothes['lower']>;
  shoes: Partial<Clothes['shoes']>;
  bag: Clothes['bag'] | undefined;
  umbrella: Clothes['umbrella'] | undefined;
  gloves: boolean;
  height: number;
  girth: number;
}

/** Dresses somebody at random, but so that it could be: the same stream gives the same person. */
export function makePerson(face: FaceIdentity, random: Random, wishes: Partial<Wishes> = {}): Person {
  const uniform = wishes.uniform ?? pickUniform(face, random.stream('uniform'));
  const clothes = dress(face, random.stream('clothes'), uniform, wishes);
  return {
    face,
    look: lookOf(face, random.stream('look'), uniform, wishes),
    clothes,
    height: wishes.height ?? heightOf(face, random.stream('height')),
    girth: wishes.girth ?? girthOf(face, random.stream('girth')),
  };
}

function pickUniform(face: FaceIdentity, random: Random): Uniform {
  // Children wear none.
  if (face.age < 16 || !random.chance(0.465)) return 'st_common_clothing';
  return random.pick(UNIFORMS.slice(1));
}

/** Metres, by age and gender. */
export function heightOf(face: FaceIdentity, random: Random): number {
  const adult = face.gender === 'male' ? 1.77 : 1.65;
  const spread = random.normal() * (face.gender === 'male' ? 0.065 : 0.06);
  if (face.age >= 18) return adult + spread - (face.age >= 62 ? 0.035 : 0);
  // Children grow about evenly from 1.02 m at four years on.
  const grown = Math.min(1, (face.age - 4) / (face.gender === 'male' ? 13 : 11));
  return 1.02 + (adult - 1.02) * Math.max(0, grown) + spread * (0.4 + 0.6 * grown);
}

function girthOf(face: FaceIdentity, random: Random): number {
  const normal = 1 + random.normal() * 0.1 + (face.age > 40 ? 0.05 : 0);
  return Math.max(0.86, Math.min(1.34, normal));
}

function lookOf(face: FaceIdentity, random: Random, uniform: Uniform, wishes: Partial<Wishes>): FaceLook {
  const look = randomLook(face, random.stream('face'));
  const hat = 'hat' in wishes ? wishes.hat : hatOf(random.stream('hat'), uniform);
  const { hat: _old, mask: worn, ...rest } = look;
  const mask = 'mask' in wishes ? wishes.mask : worn;
  return {
    ...rest,
    ...(wishes.glasses ? { glasses: wishes.glasses } : {}),
    ...(wishes.expression ? { expression: wishes.expression } : {}),
    ...(mask ? { mask } : {}),
    ...(hat ? { hat } : {}),
  };
}

function hatOf(random: Random, uniform: Uniform): FaceLook['hat'] | undefined {
  switch (uniform) {
    case 'st_police_uniform':
      return random.chance(0.75) ? { style: 'cap', colour: random.pick(['blue', 'blue', 'black']) } : undefined;
    case 'st_firefighter_uniform':
      return random.chance(0.7) ? { style: 'st_hard_hat', colour: random.pick(['red', 'yellow', 'black']) } : undefined;
    case 'st_worker_uniform':
    case 'st_reflective_clothing':
      return random.chance(0.55) ? { style: 'st_hard_hat', colour: random.pick(COLOURS) } : undefined;
    case 'st_chef_uniform':
      return random.chance(0.65)
        ? { style: random.pick(['bonnet', 'bonnet', 'bucket_hat']), colour: random.pick(['white', 'white', 'black']) }
        : undefined;
    case 'st_medical_uniform':
      return random.chance(0.4) ? { style: 'bonnet', colour: random.pick(['green', 'blue', 'purple']) } : undefined;
    case 'st_office_uniform':
      return undefined;
    default:
      return random.chance(0.27)
        ? { style: random.pick(HATS.filter((style) => style !== 'st_hard_hat')), colour: random.pick(COLOURS) }
        : undefined;
  }
}

const PATTERN_SHARES: readonly Pattern[] = [
  'st_pure',
  'st_pure',
  'st_pure',
  'st_stripe',
  'st_stripe',
  'st_design',
  'st_design',
  'st_joint',
  'st_joint',
  'st_lattic',
  'st_lattic',
];

function dress(face: FaceIdentity, random: Random, uniform: Uniform, wishes: Partial<Wishes>): Clothes {
  const base =
    uniform === 'st_common_clothing' ? commonClothes(face, random, wishes) : uniformClothes(face, random, uniform);
  const coat = { ...base.coat, ...wishes.coat };
  const bag = 'bag' in wishes ? wishes.bag : bagOf(random.stream('bag'), uniform);
  const umbrella = 'umbrella' in wishes ? wishes.umbrella : umbrellaOf(random.stream('umbrella'), bag);
  return {
    coat,
    lower: { ...base.lower, ...wishes.lower },
    shoes: { ...base.shoes, ...wishes.shoes },
    ...(bag ? { bag } : {}),
    ...(umbrella ? { umbrella } : {}),
    gloves: wishes.gloves ?? base.gloves,
    uniform,
  };
}

function bagOf(random: Random, uniform: Uniform): Clothes['bag'] | undefined {
  const share: Partial<Record<Uniform, number>> = { st_common_clothing: 0.6, st_office_uniform: 0.6 };
  if (!random.chance(share[uniform] ?? 0.3)) return undefined;
  const type = random.pick(BAGS);
  return { type, colour: random.pick(COLOURS) };
}

function umbrellaOf(random: Random, bag: Clothes['bag'] | undefined): Clothes['umbrella'] | undefined {
  if (!random.chance(bag?.type === 'trolley' ? 0 : 0.09)) return undefined;
  return { colour: random.pick([...COLOURS, 'transparent'] as const) };
}

function commonClothes(
  face: FaceIdentity,
  random: Random,
  wishes: Partial<Wishes>,
): Omit<Clothes, 'uniform' | 'bag' | 'umbrella'> {
  const girl = face.gender === 'female';
  const styles: readonly CoatStyle[] = girl
    ? ['long_coat', 'jacket', 't_shirt', 't_shirt', 'sweater', 'shirt', 'dress', 'dress', 'business_suit']
    : ['long_coat', 'jacket', 'jacket', 't_shirt', 't_shirt', 'sweater', 'shirt', 'shirt', 'business_suit'];
  const style = wishes.coat?.style ?? random.pick(styles.filter((one) => face.age >= 14 || one !== 'business_suit'));
  const sleeves = sleevesOf(style, girl, random.stream('sleeves'));
  const warm = sleeves === 'long_sleeve' && style !== 'shirt';
  const kind = lowerOf(style, girl, warm, random.stream('lower'));
  const formal = style === 'business_suit';
  const colours: readonly Colour[] = formal
    ? ['black', 'gray', 'blue', 'black', 'gray', 'white', 'purple', 'green']
    : COLOURS;
  const colour = random.pick(colours);
  return {
    coat: {
      style,
      colour,
      sleeves,
      pattern: formal ? random.pick(['st_pure', 'st_pure', 'st_stripe', 'st_lattic']) : random.pick(PATTERN_SHARES),
    },
    lower: {
      kind,
      colour:
        formal && random.chance(0.75)
          ? colour
          : random.pick([
              'black',
              'white',
              'gray',
              'red',
              'yellow',
              'blue',
              'green',
              'purple',
              'black',
              'gray',
              'blue',
            ]),
      pattern: random.chance(0.52) ? 'st_pure' : random.pick(PATTERN_SHARES),
    },
    shoes: shoesOf(style, kind, warm, random.stream('shoes')),
    gloves: warm && random.chance(0.09),
  };
}

function sleevesOf(style: CoatStyle, girl: boolean, random: Random): Clothes['coat']['sleeves'] {
  switch (style) {
    case 't_shirt':
      return random.chance(0.68) ? 'short_sleeve' : random.chance(0.75) ? 'st_bareback' : 'long_sleeve';
    case 'dress':
      return random.pick(['st_bareback', 'short_sleeve', 'long_sleeve', 'short_sleeve']);
    case 'shirt':
      return random.chance(0.4) ? 'short_sleeve' : girl && random.chance(0.12) ? 'st_bareback' : 'long_sleeve';
    default:
      return 'long_sleeve';
  }
}

function lowerOf(style: CoatStyle, girl: boolean, warm: boolean, random: Random): Clothes['lower']['kind'] {
  if (style === 'dress') return 'st_skirt';
  if (girl && random.chance(0.5)) return 'st_skirt';
  if (style === 'business_suit') return 'trousers';
  return random.chance(warm ? 0.08 : 0.42) ? 'shorts' : 'trousers';
}

function shoesOf(style: CoatStyle, lower: string, warm: boolean, random: Random): Clothes['shoes'] {
  const styles: readonly ShoeStyle[] =
    style === 'business_suit'
      ? ['leather_shoes', 'leather_shoes', 'leather_shoes', 'boots']
      : warm
        ? ['boots', 'boots', 'walking_shoes', 'leather_shoes', 'walking_shoes']
        : lower === 'trousers'
          ? ['walking_shoes', 'leather_shoes', 'sandal', 'boots']
          : ['sandal', 'walking_shoes', 'sandal', 'walking_shoes', 'leather_shoes'];
  return { style: random.pick(styles), colour: random.pick([...COLOURS, 'black', 'black', 'white', 'gray']) };
}

function uniformClothes(
  face: FaceIdentity,
  random: Random,
  uniform: Uniform,
): Omit<Clothes, 'uniform' | 'bag' | 'umbrella'> {
  const plain = (style: CoatStyle, colour: Colour, sleeves: Clothes['coat']['sleeves']): Clothes['coat'] => ({
    style,
    colour,
    sleeves,
    pattern: 'st_pure',
  });
  const trousers = (colour: Colour): Clothes['lower'] => ({ kind: 'trousers', colour, pattern: 'st_pure' });
  const shoes = (style: ShoeStyle, colour: Colour): Clothes['shoes'] => ({ style, colour });
  switch (uniform) {
    case 'st_office_uniform': {
      const colour = random.pick(['black', 'gray', 'blue', 'gray', 'blue'] as const);
      const skirt = face.gender === 'female' && random.chance(0.45);
      return {
        coat: plain('business_suit', colour, 'long_sleeve'),
        lower: { ...trousers(colour), kind: skirt ? 'st_skirt' : 'trousers' },
        shoes: shoes('leather_shoes', random.pick(['black', 'black', 'gray', 'blue'])),
        gloves: false,
      };
    }
    case 'st_worker_uniform': {
      const colour = random.pick(['blue', 'blue', 'green', 'gray', 'red'] as const);
      const shirt = random.pick(
        (['gray', 'white', 'red', 'yellow', 'blue', 'green'] as const).filter((one) => one !== colour),
      );
      return {
        coat: plain(random.pick(['t_shirt', 'shirt', 'sweater']), shirt, random.pick(['short_sleeve', 'long_sleeve'])),
        lower: trousers(colour),
        shoes: shoes('boots', random.pick(['black', 'yellow', 'gray'])),
        gloves: random.chance(0.45),
      };
    }
    case 'st_chef_uniform':
      return {
        coat: plain('shirt', 'white', random.chance(0.8) ? 'long_sleeve' : 'short_sleeve'),
        lower: {
          kind: 'trousers',
          colour: random.pick(['black', 'gray', 'white', 'blue']),
          pattern: random.pick(['st_pure', 'st_lattic', 'st_stripe']),
        },
        shoes: shoes(random.pick(['leather_shoes', 'walking_shoes']), random.pick(['black', 'white'])),
        gloves: random.chance(0.15),
      };
    case 'st_medical_uniform': {
      const coat = random.chance(0.55);
      const scrub = random.pick(['blue', 'green', 'green', 'purple'] as const);
      return {
        coat: coat ? plain('long_coat', 'white', 'long_sleeve') : plain('t_shirt', scrub, 'short_sleeve'),
        lower: trousers(coat ? random.pick(['green', 'blue', 'gray', 'white']) : scrub),
        shoes: shoes(
          random.pick(['walking_shoes', 'leather_shoes', 'sandal']),
          random.pick(['white', 'green', 'blue', 'black']),
        ),
        gloves: random.chance(0.4),
      };
    }
    case 'st_police_uniform':
      return {
        coat: plain(random.pick(['shirt', 'jacket']), 'blue', random.chance(0.7) ? 'long_sleeve' : 'short_sleeve'),
        lower: trousers(random.pick(['black', 'blue'])),
        shoes: shoes(random.pick(['boots', 'leather_shoes']), 'black'),
        gloves: random.chance(0.1),
      };
    case 'st_firefighter_uniform': {
      const colour = random.pick(['yellow', 'black', 'blue'] as const);
      return {
        coat: plain('jacket', colour, 'long_sleeve'),
        lower: trousers(random.chance(0.75) ? colour : 'black'),
        shoes: shoes('boots', random.pick(['black', 'black', 'yellow'])),
        gloves: random.chance(0.7),
      };
    }
    default: {
      const style = random.pick(['t_shirt', 'sweater', 'jacket', 'shirt'] as const);
      return {
        coat: plain(
          style,
          random.pick(['gray', 'blue', 'black', 'white', 'red', 'green']),
          style === 't_shirt' ? 'short_sleeve' : 'long_sleeve',
        ),
        lower: trousers(random.pick(['blue', 'gray', 'black', 'yellow'])),
        shoes: shoes(random.pick(['boots', 'boots', 'walking_shoes']), random.pick(['black', 'yellow', 'gray'])),
        gloves: random.chance(0.3),
      };
    }
  }
}
