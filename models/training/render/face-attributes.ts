import { ageGroup } from './identity.ts';
import type { FaceIdentity, FaceLook } from './types.ts';

const RESPIRATOR = { full: 'st_respirator_full', nose: 'st_respirator_nose', mouth: 'st_respirator_mouth' } as const;
const GLASSES = { none: 'glasses_style_type_none', clear: 'transparent_glasses', sunglasses: 'sunglasses' } as const;

/** The attributes of a face by the contract's names and values. */
export function faceAttributes(identity: FaceIdentity, look: FaceLook): Record<string, string> {
  return {
    gender_code: identity.gender,
    st_age: ageGroup(identity.age),
    st_age_value: identity.age.toFixed(6),
    mustache_style: look.beard ? 'whiskers' : 'mustache_style_type_none',
    // No mask at all and a mask at the chin both mean that none is worn.
    st_respirator: RESPIRATOR[look.mask?.worn ?? 'mouth'],
    respirator_color: look.mask ? 'color_type_other' : 'color_type_none',
    glass_style: GLASSES[look.glasses],
    st_expression: look.expression,
    cap_style: look.hat ? 'cap' : 'hat_style_type_none',
  };
}
