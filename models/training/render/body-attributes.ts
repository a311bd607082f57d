import { carriesUmbrella } from './bag.ts';
import { ageGroup } from './identity.ts';
import type { BodyStatus, Clothes, Person, PoseKind, Uniform } from './types.ts';

const DOES: Partial<Record<PoseKind, string>> = {
  hold: 'st_hold_object_in_front',
  phone: 'st_play_phone',
  call: 'st_call',
  smoke: 'st_smoke',
};
const GLASSES = { none: 'glasses_style_type_none', clear: 'st_ordinary_glasses', sunglasses: 'sunglasses' } as const;

/** What they wear over or instead of a coat leaves nothing to be seen of its cut: a bib, an apron, a vest. */
const COVERED: readonly Uniform[] = ['st_worker_uniform', 'st_chef_uniform', 'st_reflective_clothing'];

/** What is seen of the lower clothing: a dress goes down to its own hem, whatever is worn below. */
function lowerAttributes({ coat, lower }: Clothes): Record<string, string> {
  return coat.style === 'dress'
    ? { pants_length_type: 'st_skirt', trousers_color: coat.colour, st_trousers_pattern: coat.pattern }
    : { pants_length_type: lower.kind, trousers_color: lower.colour, st_trousers_pattern: lower.pattern };
}

/**
 * The attributes of somebody's body by the contract's names and values. What is not worn or carried has no attribute,
 * but for hats, bags and glasses, whose kind then says none. A mask at the chin is not worn.
 */
export function bodyAttributes(person: Person, pose: PoseKind): Record<string, string> {
  const { face, look, clothes } = person;
  const out: Record<string, string> = {
    gender_code: face.gender,
    st_age: ageGroup(face.age),
    coat_length: clothes.coat.sleeves,
    ...lowerAttributes(clothes),
    st_coat_pattern: clothes.coat.pattern,
    cap_style: look.hat?.style ?? 'hat_style_type_none',
    coat_style: COVERED.includes(clothes.uniform) ? 'coat_style_type_other' : clothes.coat.style,
    coat_color: clothes.coat.colour,
    hair_style: face.hair.style,
    hair_color: face.hair.colour,
    shoes_style: clothes.shoes.style,
    shoes_color: clothes.shoes.colour,
    bag_type: clothes.bag?.type ?? 'bag_style_type_none',
    glasses_style_type: GLASSES[look.glasses],
    st_status_type: DOES[pose] ?? 'st_normal',
    st_uniform: clothes.uniform,
  };
  if (clothes.umbrella && carriesUmbrella(person, pose)) {
    out.st_umbrella = 'st_umbrella';
    out.umbrella_color = clothes.umbrella.colour;
  }
  if (look.hat) {
    out.st_hat = 'st_hat';
    out.cap_color = look.hat.colour;
  }
  if (clothes.bag) {
    out.st_bag = 'st_bag';
    out.bag_color = clothes.bag.colour;
  }
  if (look.mask && look.mask.worn !== 'mouth') {
    out.st_respirator = 'st_respirator';
    out.respirator_color = look.mask.colour;
  }
  if (clothes.gloves) out.st_glove = 'st_glove';
  return out;
}

/** How a body is turned to the camera: `yaw` 0 faces it, ±pi shows the back. */
export function bodyAngle(yaw: number): 'st_front' | 'st_side' | 'st_back' {
  const turned = Math.abs(Math.atan2(Math.sin(yaw), Math.cos(yaw)));
  if (turned <= (50 / 180) * Math.PI) return 'st_front';
  return turned > (130 / 180) * Math.PI ? 'st_back' : 'st_side';
}

/** What somebody is seen to do; who falls has fallen once most of the fall is over. */
export function bodyStatus(pose: PoseKind, phase: number): BodyStatus {
  switch (pose) {
    case 'phone':
    case 'call':
      return 'phone';
    case 'smoke':
      return 'smoking';
    case 'doze':
      return 'dozing';
    case 'fight':
      return 'fighting';
    case 'fall':
      return phase > 0.6 ? 'fallen' : 'normal';
    default:
      return 'normal';
  }
}
