import type { Expression, FaceLook } from './types.ts';

/** What the muscles of a face do; lengths in half head heights. */
export interface Mimic {
  /** Whole brow up, its inner end up, its inner end towards the nose. */
  browUp: number;
  browInner: number;
  browPinch: number;
  /** Height of the upper and the lower lid against the calm eye: 1 calm, 0 shut. */
  upperLid: number;
  lowerLid: number;
  /** Factor of the width of the mouth. */
  mouthWide: number;
  /** Corners up. */
  corner: number;
  /** Gap above and below the line of the mouth. */
  openUp: number;
  openDown: number;
  /** 2 is round, higher is square. */
  openSquare: number;
  /** Factor of the lips' thickness. */
  lips: number;
  /** Whole mouth up. */
  mouthUp: number;
  /** Parts of the gap that teeth fill. */
  teethUp: number;
  teethDown: number;
  tongue: number;
  /** 0..1. */
  noseWrinkle: number;
  cheekUp: number;
  /** How far the chin drops. */
  drop: number;
}

const CALM: Mimic = {
  browUp: 0,
  browInner: 0,
  browPinch: 0,
  upperLid: 1,
  lowerLid: 1,
  mouthWide: 1,
  corner: 0,
  openUp: 0,
  openDown: 0,
  openSquare: 2,
  lips: 1,
  mouthUp: 0,
  teethUp: 0,
  teethDown: 0,
  tongue: 0,
  noseWrinkle: 0,
  cheekUp: 0,
  drop: 0,
};

const MIMICS: Readonly<Record<Expression, Mimic>> = {
  st_calm: CALM,
  st_happy: {
    ...CALM,
    browUp: 0.02,
    upperLid: 0.86,
    lowerLid: 0.3,
    mouthWide: 1.26,
    corner: 0.1,
    openUp: 0.01,
    openDown: 0.12,
    lips: 0.85,
    mouthUp: -0.02,
    teethUp: 0.62,
    cheekUp: 1,
  },
  st_sorrow: {
    ...CALM,
    browInner: 0.11,
    browPinch: 0.04,
    browUp: -0.005,
    upperLid: 0.66,
    mouthWide: 0.9,
    corner: -0.085,
    mouthUp: 0.02,
    lips: 0.95,
  },
  st_angry: {
    ...CALM,
    browUp: -0.06,
    browInner: -0.1,
    browPinch: 0.06,
    upperLid: 0.82,
    lowerLid: 0.75,
    mouthWide: 0.92,
    corner: -0.035,
    lips: 0.5,
    noseWrinkle: 0.25,
  },
  st_surprised: {
    ...CALM,
    browUp: 0.13,
    upperLid: 1.4,
    lowerLid: 1.15,
    mouthWide: 0.5,
    openUp: 0.085,
    openDown: 0.13,
    mouthUp: -0.02,
    lips: 0.9,
    drop: 0.06,
  },
  st_scared: {
    ...CALM,
    browUp: 0.05,
    browInner: 0.1,
    browPinch: 0.05,
    upperLid: 1.5,
    lowerLid: 1.2,
    mouthWide: 1.16,
    corner: -0.045,
    openUp: 0.015,
    openDown: 0.085,
    openSquare: 5,
    lips: 0.7,
    teethUp: 0.4,
    teethDown: 0.36,
    drop: 0.03,
  },
  st_disgust: {
    ...CALM,
    browUp: -0.045,
    browInner: -0.035,
    browPinch: 0.035,
    upperLid: 0.6,
    lowerLid: 0.45,
    mouthWide: 0.96,
    corner: -0.075,
    openUp: 0.055,
    openDown: 0.01,
    openSquare: 3,
    lips: 0.95,
    mouthUp: 0.04,
    teethUp: 0.85,
    noseWrinkle: 1,
    cheekUp: 0.4,
  },
  st_yawn: {
    ...CALM,
    browUp: 0.06,
    browInner: 0.02,
    upperLid: 0,
    lowerLid: 0.7,
    mouthWide: 0.8,
    openUp: 0.14,
    openDown: 0.28,
    lips: 0.8,
    mouthUp: -0.09,
    teethUp: 0.12,
    tongue: 1,
    cheekUp: 0.35,
    drop: 0.17,
  },
};

/** What the muscles do in a look. */
export function mimicOf(look: FaceLook): Mimic {
  const mimic = MIMICS[look.expression];
  const open = 1 - Math.max(0, Math.min(1, look.eyesClosed));
  return open === 1 ? mimic : { ...mimic, upperLid: mimic.upperLid * open };
}
