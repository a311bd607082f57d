import { css, mix, type Tint, tint } from './tint.ts';
import type { FaceIdentity } from './types.ts';

/** All colours of one face. */
export interface FaceColours {
  skin: Tint;
  light: Tint;
  shade: Tint;
  /** Thin lines on skin. */
  line: Tint;
  blush: Tint;
  lip: Tint;
  lipDark: Tint;
  mouth: Tint;
  teeth: Tint;
  tongue: Tint;
  eyeWhite: Tint;
  iris: Tint;
  irisRim: Tint;
  pupil: Tint;
  lash: Tint;
  brow: Tint;
  hair: Tint;
  hairLight: Tint;
  hairDark: Tint;
}

const SKINS = ['#f7d9c4', '#f0c8a9', '#e5b48f', '#d49c74', '#b97f58', '#96613f', '#71452d'].map(tint);
const HAIRS = { black: tint('#2f2826'), yellow: tint('#c99a52'), white: tint('#d3d1cd') } as const;

const HAIR_SHADES = { black: tint('#120c0c'), yellow: tint('#74431c'), white: tint('#85848c') } as const;

/** Colours of an identity; skin and hair come from short lists that many people share. */
export function faceColours(identity: FaceIdentity): FaceColours {
  const place = Math.max(0, Math.min(1, identity.skin)) * (SKINS.length - 1);
  const lower = Math.min(SKINS.length - 2, Math.floor(place));
  const skin = mix(SKINS[lower]!, SKINS[lower + 1]!, place - lower);
  const hair = HAIRS[identity.hair.colour];
  const female = identity.gender === 'female';
  const shade = mix(skin, mix([120, 44, 36], [24, 6, 8], identity.skin), 0.3 + 0.14 * identity.skin);
  const grown = identity.age >= 16 ? 1 : 0.4;
  const lip = mix(skin, [186, 58, 66], (female ? 0.58 : 0.34) * (0.5 + 0.5 * grown));
  const iris = (identity.shape.irisBrightness ?? 0) * 0.5 + 0.5;
  const browBase = identity.hair.colour === 'white' ? mix(hair, [110, 104, 100], 0.55) : mix(hair, [40, 26, 20], 0.35);
  return {
    skin,
    light: mix(skin, [255, 244, 226], 0.3),
    shade,
    line: mix(skin, mix([70, 22, 18], [22, 6, 6], identity.skin), 0.64),
    blush: mix(skin, [222, 84, 74], 0.55),
    lip,
    lipDark: mix(lip, [80, 20, 30], 0.45),
    mouth: [84, 26, 32],
    teeth: [252, 249, 242],
    tongue: [204, 98, 98],
    eyeWhite: [250, 248, 244],
    iris: mix([58, 36, 26], [150, 178, 186], Math.max(0, Math.min(1, iris))),
    irisRim: mix([34, 22, 18], [54, 70, 80], Math.max(0, Math.min(1, iris))),
    pupil: [18, 13, 13],
    lash: [38, 26, 26],
    brow: browBase,
    hair,
    hairLight: mix(hair, [255, 236, 210], identity.hair.colour === 'black' ? 0.16 : 0.3),
    hairDark: mix(hair, HAIR_SHADES[identity.hair.colour], 0.5),
  };
}

/** A see-through colour of any tint. */
export function fade(colour: Tint): (alpha: number) => string {
  return (alpha) => css(colour, alpha);
}
