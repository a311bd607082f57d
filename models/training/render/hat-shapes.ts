import { type Line, lineAt, raised, shell } from './head-shell.ts';
import type { Skull } from './head-skull.ts';
import { type Grid, makeGrid } from './head-space.ts';
import type { HatStyle } from './types.ts';

/** The surfaces of one hat on one head. */
export interface HatShape {
  line: Line;
  dome: Grid;
  brim: Grid | undefined;
  band: Grid | undefined;
  seams: readonly number[];
  crest: boolean;
}

const cache = new WeakMap<Skull, Map<HatStyle, HatShape>>();

/** The surfaces of a hat; made once for a head. */
export function shapeOf(skull: Skull, style: HatStyle): HatShape {
  let kept = cache.get(skull);
  if (!kept) {
    kept = new Map();
    cache.set(skull, kept);
  }
  let shape = kept.get(style);
  if (!shape) {
    shape = SHAPES[style](skull);
    kept.set(style, shape);
  }
  return shape;
}

const SHAPES: Readonly<Record<HatStyle, (skull: Skull) => HatShape>> = {
  bonnet: (skull) => {
    const line: Line = [
      [0, 0.54],
      [60, 0.36],
      [100, 0.12],
      [180, -0.12],
    ];
    const dome = shell(
      skull,
      (angle) => lineAt(line, angle),
      (_a, y) => 0.1 + 0.1 * Math.max(0, y) ** 2,
    );
    const band = ring(skull, line, 0.26, 0.13);
    return { line, dome, brim: undefined, band, seams: [], crest: false };
  },
  cap: (skull) => {
    const line: Line = [
      [0, 0.56],
      [70, 0.38],
      [110, 0.16],
      [180, 0.0],
    ];
    const dome = shell(
      skull,
      (angle) => lineAt(line, angle),
      (a, y) => 0.1 + 0.06 * Math.max(0, Math.cos(a)) * Math.max(0, y),
    );
    const brim = visor(skull, line, 70, 0.62, 0.13);
    return {
      line,
      dome,
      brim,
      band: undefined,
      seams: [0, 10, 20, 30, 40, 50].map((column) => column * skull.detail),
      crest: false,
    };
  },
  bucket_hat: (skull) => {
    const line: Line = [
      [0, 0.58],
      [90, 0.38],
      [180, 0.16],
    ];
    const dome = shell(
      skull,
      (angle) => lineAt(line, angle),
      (_a, y) => 0.1 + 0.05 * (1 - Math.abs(y - 0.8)),
    );
    const brim = makeGrid(3, 48 * skull.detail + 1, (down, across) => {
      const angle = Math.PI * (2 * across - 1);
      const p = raised(skull, lineAt(line, angle), angle, 0.11);
      const s = skull.at(0.3, angle);
      const k = down * 0.52;
      return {
        x: p.x + (s.x / Math.hypot(s.x, s.z)) * k,
        y: p.y + 0.05 * (1 - down) - 0.14 * down,
        z: p.z + (s.z / Math.hypot(s.x, s.z)) * k,
      };
    });
    return { line, dome, brim, band: ring(skull, line, 0.22, 0.12), seams: [], crest: false };
  },
  st_hard_hat: (skull) => {
    const line: Line = [
      [0, 0.57],
      [90, 0.42],
      [180, 0.24],
    ];
    const dome = shell(
      skull,
      (angle) => lineAt(line, angle),
      (_a, y) => 0.16 + 0.1 * Math.max(0, y) ** 1.5,
    );
    const brim = makeGrid(3, 48 * skull.detail + 1, (down, across) => {
      const angle = Math.PI * (2 * across - 1);
      const p = raised(skull, lineAt(line, angle), angle, 0.16);
      const s = skull.at(0.3, angle);
      const k = down * (0.09 + 0.24 * Math.max(0, Math.cos(angle)) ** 2.2);
      return {
        x: p.x + (s.x / Math.hypot(s.x, s.z)) * k,
        y: p.y + 0.05 * (1 - down) - 0.1 * down,
        z: p.z + (s.z / Math.hypot(s.x, s.z)) * k,
      };
    });
    return { line, dome, brim, band: undefined, seams: [], crest: true };
  },
};

/** A band around the head that stands on a line. */
function ring(skull: Skull, line: Line, tall: number, thick: number): Grid {
  return makeGrid(3, 60 * skull.detail + 1, (down, across) => {
    const angle = Math.PI * (2 * across - 1);
    return raised(
      skull,
      lineAt(line, angle) + tall * (1 - down) - 0.02,
      angle,
      thick + 0.02 * Math.sin(down * Math.PI),
    );
  });
}

/** A peak in front: `half` degrees to each side, `long` forward, `low` down. */
function visor(skull: Skull, line: Line, half: number, long: number, low: number): Grid {
  return makeGrid(4, 16 * skull.detail + 1, (down, across) => {
    const u = across * 2 - 1;
    const angle = (u * half * Math.PI) / 180;
    const p = raised(skull, lineAt(line, angle), angle, 0.1);
    const reach = long * Math.sqrt(Math.max(0, 1 - u * u)) * down;
    return { x: p.x * (1 + 0.06 * down), y: p.y + 0.04 * (1 - down) - low * down * (1 + 0.5 * u * u), z: p.z + reach };
  });
}
