import type { ShapeName } from './identity.ts';
import type { FaceIdentity } from './types.ts';

/** The measures of one head in half head heights, made from the numbers of its identity. */
export interface HeadBuild {
  female: boolean;
  /** 0 grown up .. 1 four years old. */
  child: number;
  /** 0 smooth .. 1 deeply wrinkled. */
  wrinkle: number;
  /** Half width of the skull at the eyes, and how much the forehead narrows. */
  width: number;
  temple: number;
  jaw: number;
  chinWidth: number;
  chinPoint: number;
  cheek: number;
  jowl: number;
  eye: {
    x: number;
    y: number;
    half: number;
    height: number;
    tilt: number;
    /** 0 none .. 1: lid that hangs over the open eye. */
    lid: number;
    deep: number;
    lash: number;
    iris: number;
  };
  brow: { y: number; thick: number; arch: number; tilt: number; inner: number; length: number };
  nose: {
    root: number;
    base: number;
    half: number;
    tall: number;
    bridge: number;
    /** Half breadth at the root. */
    rootHalf: number;
    bump: number;
    flare: number;
    tip: number;
  };
  mouth: { y: number; half: number; upper: number; lower: number; curve: number };
  ear: { size: number; stick: number };
  /** Height of the hair line above the middle of the forehead. */
  hairLine: number;
  neck: number;
}

const cache = new WeakMap<FaceIdentity, HeadBuild>();

/** The measures of an identity; made once. */
export function headBuild(identity: FaceIdentity): HeadBuild {
  let build = cache.get(identity);
  if (!build) {
    build = makeBuild(identity);
    cache.set(identity, build);
  }
  return build;
}

function makeBuild(identity: FaceIdentity): HeadBuild {
  const of = (name: ShapeName): number => identity.shape[name] ?? 0;
  const female = identity.gender === 'female';
  const male = female ? 0 : 1;
  const child = clamp01((17 - identity.age) / 13);
  const grown = 1 - child;
  const wrinkle = clamp01((identity.age - 36) / 40);
  const old = clamp01((identity.age - 50) / 30);
  const eyeY = 0.02 - 0.055 * of('foreheadHeight') - 0.16 * child;
  const base = eyeY - (0.4 + 0.06 * of('noseLength') + 0.02 * male + 0.03 * old - 0.1 * child);
  const philtrum = 0.19 + 0.04 * of('philtrum') + 0.02 * old - 0.03 * child;
  const mouthY = Math.max(-0.76, base - philtrum + 0.05 * of('chinLength'));
  return {
    female,
    child,
    wrinkle,
    width: 0.735 + 0.05 * of('faceWidth') + 0.012 * male + 0.05 * child,
    temple: 0.07 * of('templeWidth') + 0.03 * child,
    jaw: 0.075 * of('jawWidth') + 0.05 * male * grown - 0.03 * (1 - male),
    chinWidth: 0.15 * of('chinWidth') + 0.14 * male * grown - 0.03,
    chinPoint: 1.3 * of('chinPoint') - 0.15 * (1 - male),
    cheek: 0.075 * of('cheekFullness') + 0.06 * child - 0.02 * old,
    jowl: old * 0.05,
    eye: {
      x: 0.325 + 0.036 * of('eyeDistance') + 0.012 * child,
      y: eyeY,
      half: 0.163 + 0.021 * of('eyeSize') + 0.018 * child + 0.006 * (1 - male),
      height: (0.08 + 0.019 * of('eyeAspect') + 0.007 * (1 - male)) * (1 + 0.12 * of('eyeSize') + 0.3 * child),
      tilt: 0.11 * of('eyeTilt') + 0.05 * (1 - male) - 0.05 * old,
      lid: clamp01(0.46 + 0.36 * of('eyeLid') + 0.1 * old - 0.1 * child),
      deep: clamp01(0.48 + 0.36 * of('eyeDepth')),
      lash: female ? 1 - 0.5 * child : 0.15,
      iris: of('irisBrightness'),
    },
    brow: {
      y: eyeY + 0.2 + 0.035 * of('browHeight') + 0.02 * (1 - male) - 0.01 * male + 0.02 * child,
      thick: (0.056 + 0.02 * of('browThickness') + 0.018 * male) * (1 - 0.35 * child) * (1 - 0.15 * old),
      arch: 0.045 + 0.032 * of('browArch') + 0.014 * (1 - male),
      tilt: 0.045 * of('browTilt'),
      inner: 0.15 + 0.032 * of('browDistance') + 0.02 * child,
      length: 0.36 + 0.04 * of('browLength'),
    },
    nose: {
      root: eyeY + 0.1,
      base,
      half: (0.155 + 0.03 * of('noseWidth') + 0.012 * of('nostrilFlare') + 0.012 * male) * (1 - 0.12 * child),
      tall: (0.22 + 0.025 * of('noseTip')) * (1 - 0.35 * child) + 0.02 * old,
      bridge: (0.055 + 0.034 * of('noseBridge') + 0.01 * male) * (1 - 0.4 * child),
      rootHalf: 0.072 + 0.042 * of('noseBridge'),
      bump: 0.045 * of('noseBump') * (0.4 + 0.6 * grown),
      flare: 0.5 + 0.45 * of('nostrilFlare'),
      tip: of('noseTip'),
    },
    mouth: {
      y: mouthY,
      half: (0.255 + 0.038 * of('mouthWidth') + 0.008 * male) * (1 - 0.14 * child),
      upper: Math.max(0.02, 0.052 + 0.02 * of('upperLip') - 0.012 * male - 0.016 * old),
      lower: Math.max(0.03, 0.074 + 0.026 * of('lowerLip') - 0.012 * male - 0.016 * old),
      curve: 0.014 + 0.018 * of('mouthCurve'),
    },
    ear: { size: 0.225 * (1 + 0.3 * of('earSize') + 0.16 * old), stick: clamp01(0.5 + 0.36 * of('earStick')) },
    hairLine: 0.6 + 0.095 * of('hairLine') - 0.02 * child + 0.05 * old * male,
    neck: 0.36 + 0.06 * male * grown - 0.09 * child,
  };
}

function clamp01(value: number): number {
  return Math.max(0, Math.min(1, value));
}
