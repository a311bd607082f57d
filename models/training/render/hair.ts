import type { FaceColours } from './face-colours.ts';
import type { FacePen, Paint } from './face-pen.ts';
import { HAIR_CUTS, type HairCut } from './hair-cuts.ts';
import type { HeadBuild } from './head-build.ts';
import { lineAt, raised, shell } from './head-shell.ts';
import type { Skull } from './head-skull.ts';
import { type Grid, HeadSpace, makeGrid, projectGrid, traceGrid } from './head-space.ts';
import { css } from './tint.ts';
import type { FaceIdentity } from './types.ts';

/** Line of short hair from the temple over the ear to the nape. */
const SIDES = [
  [66, 0.16],
  [74, -0.1],
  [82, -0.15],
  [90, 0.03],
  [100, 0.0],
  [138, -0.44],
  [180, -0.56],
] as const;

/** Where, from the upper end of hanging hair, it leaves the head. */
const HANG_ROOT = 0.25;

/** Upper end of a wreath of hair around a bald crown. */
const WREATH = [
  [66, 0.02],
  [76, 0.12],
  [100, 0.3],
  [180, 0.36],
] as const;

interface Locks {
  cap: Grid;
  hang: Grid | undefined;
  tail: Grid | undefined;
}

const cache = new WeakMap<Skull, Map<string, Locks>>();

/** The hair of one head, in the parts that lie behind and before its face. */
export class Hair {
  readonly cut: HairCut | undefined;
  readonly coversEars: boolean;
  readonly #pen: FacePen;
  readonly #colours: FaceColours;
  readonly #locks: Locks | undefined;

  constructor(pen: FacePen, build: HeadBuild, identity: FaceIdentity, colours: FaceColours, under: boolean) {
    const cuts = HAIR_CUTS[identity.hair.style];
    const bare = identity.hair.style === 'bald' && identity.hair.cut % cuts.length === 0;
    this.cut = bare ? undefined : cuts[identity.hair.cut % cuts.length];
    this.#pen = pen;
    this.#colours = colours;
    this.coversEars = this.cut?.hang !== undefined && this.cut.hang.from < 90;
    if (this.cut) this.#locks = locksOf(pen.skull, build, identity, this.cut, under);
  }

  /** What is to be seen behind head and neck. */
  drawBehind(): void {
    if (!this.#locks) return;
    const { cap, hang, tail } = this.#locks;
    const behind = css(this.#colours.hairDark);
    if (tail && !this.#tailIsNear()) {
      this.#fill(tail, behind, 'all', true);
      this.#strands(tail, 0, 1, true);
    }
    if (hang) this.#fill(hang, behind, 'all', true);
    if (!this.cut?.fade) this.#fill(cap, behind, 'all');
  }

  /** What is to be seen before the face. */
  drawBefore(paint: Paint): void {
    if (!this.#locks) return;
    const { cap, hang, tail } = this.#locks;
    const { ctx } = this.#pen;
    if (this.cut?.fade) ctx.globalAlpha = 0.72;
    if (hang) this.#fill(hang, paint, 'front', true);
    this.#fill(cap, paint, 'front');
    ctx.globalAlpha = 1;
    this.#strands(cap, 0.1, 0.94);
    if (hang) this.#strands(hang, 0.12, 1, true);
    if (tail && this.#tailIsNear()) {
      this.#fill(tail, paint, 'all', true);
      this.#strands(tail, 0, 1, true);
    }
  }

  #tailIsNear(): boolean {
    return this.#pen.space.depth(0.45, 0, -0.5) > 0.1;
  }

  #fill(grid: Grid, paint: Paint, side: 'front' | 'all', hangs = false): void {
    const { ctx, bounds } = this.#pen;
    const flat = this.#project(grid, hangs);
    bounds.addFlat(flat);
    ctx.beginPath();
    // Far locks whose edge turns inwards would show through the head.
    traceGrid(ctx, grid, flat, side, side === 'front' ? (depth) => depth > -0.3 : undefined);
    ctx.fillStyle = paint;
    ctx.fill();
  }

  /** Hair that hangs leaves the head at the ears and falls down from there, however the head nods. */
  #project(grid: Grid, hangs: boolean): Float64Array {
    const { space } = this.#pen;
    const flat = projectGrid(space, grid);
    const { pitch } = space.view;
    if (!hangs || Math.abs(pitch) < 0.02) return flat;
    const upright = projectGrid(new HeadSpace({ ...space.view, pitch: pitch * 0.15 }), grid);
    const step = grid.columns * 3;
    const root = Math.round(HANG_ROOT * (grid.rows - 1)) * step;
    for (let n = root + step; n < flat.length; n += 1) {
      const above = root + (n % step);
      flat[n] = flat[above]! + upright[n]! - upright[above]!;
    }
    return flat;
  }

  /** Lines along the hair, light and dark by turns. */
  #strands(grid: Grid, from: number, to: number, hangs = false): void {
    const { ctx } = this.#pen;
    if (this.#pen.pixels(1) < 26 || this.cut?.fade) return;
    const flat = this.#project(grid, hangs);
    const step = grid.columns * 3;
    const [r0, r1] = [Math.round(from * (grid.rows - 1)), Math.round(to * (grid.rows - 1))];
    for (const [kind, paint] of [css(this.#colours.hairDark, 0.3), css(this.#colours.hairLight, 0.42)].entries()) {
      ctx.beginPath();
      const { detail } = this.#pen.skull;
      for (let c = (1 + kind * 2) * detail; c + 1 < grid.columns; c += 5 * detail) {
        let down = false;
        for (let r = r0 + ((c * 7) % 3) * detail; r <= r1; r += 1) {
          const n = r * step + c * 3;
          const seen = faces(flat, n, step, r + 1 < grid.rows ? 1 : -1);
          if (!seen) down = false;
          else if (down) ctx.lineTo(flat[n]!, flat[n + 1]!);
          else {
            ctx.moveTo(flat[n]!, flat[n + 1]!);
            down = true;
          }
        }
      }
      ctx.lineWidth = Math.max(0.5, this.#pen.pixels(0.014));
      ctx.lineCap = 'round';
      ctx.strokeStyle = paint;
      ctx.stroke();
    }
  }
}

function faces(flat: Float64Array, n: number, step: number, down: number): boolean {
  const [rx, ry] = [flat[n + 3]! - flat[n]!, flat[n + 4]! - flat[n + 1]!];
  const d = n + step * down;
  const [dx, dy] = [(flat[d]! - flat[n]!) * down, (flat[d + 1]! - flat[n + 1]!) * down];
  return rx * dy - ry * dx > 0;
}

function locksOf(skull: Skull, build: HeadBuild, identity: FaceIdentity, cut: HairCut, under: boolean): Locks {
  let kept = cache.get(skull);
  if (!kept) {
    kept = new Map();
    cache.set(skull, kept);
  }
  const key = `${identity.hair.style}/${identity.hair.cut}/${under}`;
  let locks = kept.get(key);
  if (!locks) {
    locks = makeLocks(skull, build, identity, cut, under);
    kept.set(key, locks);
  }
  return locks;
}

function makeLocks(skull: Skull, build: HeadBuild, identity: FaceIdentity, cut: HairCut, under: boolean): Locks {
  const wreath = identity.hair.style === 'bald';
  const front = cut.front.map(([angle, height]) => [angle, build.hairLine + height] as const);
  const outer = front[front.length - 1]![0];
  const line = (angle: number): number => {
    const degrees = (Math.abs(angle) * 180) / Math.PI;
    const hang = cut.hang && cut.hang.from < 90;
    const back = lineAt(
      hang
        ? [
            [66, -0.2],
            [90, -0.4],
            [180, -0.5],
          ]
        : SIDES,
      angle,
    );
    if (wreath) return Math.min(lineAt(SIDES, angle), lineAt(WREATH, angle));
    if (degrees >= 72) return back;
    const fore = lineAt(front, angle);
    if (degrees <= outer - 4) return fore;
    const part = (degrees - outer + 4) / (72 - outer + 4);
    return fore + (back - fore) * part * part * (3 - 2 * part);
  };
  const flatten = under ? 0.25 : 1;
  const thick = (angle: number, y: number, down: number): number => {
    const fore = Math.max(0, Math.cos(angle)) ** 3;
    const high = Math.max(0, Math.min(1, (y - 0.05) / 0.6));
    let size = cut.side + (cut.top - cut.side) * high;
    size += cut.quiff * fore * Math.max(0, 1 - Math.abs(down - 0.85) * 2.2);
    const rim = cut.edge * (0.4 + 0.6 * fore) + 0.3 * cut.side * (1 - fore);
    const near = Math.max(0, (down - 0.72) / 0.28);
    size = size * (1 - near * near) + Math.max(rim, cut.quiff * fore * 0.3) * near * near;
    if (cut.parting !== undefined) {
      const off = (angle * 180) / Math.PI - cut.parting;
      if (y > 0.1) size -= 0.05 * Math.exp(-((off / 7) ** 2)) * Math.max(0, Math.cos(angle));
    }
    if (cut.waves > 0) size += cut.wave * Math.sin(angle * cut.waves + down * 9) * Math.min(1, down * 3);
    if (wreath) size *= Math.min(1, down * 3);
    return Math.max(0.006, size * flatten);
  };
  return {
    cap: shell(skull, line, thick, wreath ? { from: 1.2, crown: (angle) => lineAt(WREATH, angle) } : undefined),
    hang: cut.hang ? makeHang(skull, cut, cut.hang, under) : undefined,
    tail: cut.tail ? makeTail(skull) : undefined,
  };
}

/** Hair that falls around the back, seen from outside. */
function makeHang(skull: Skull, cut: HairCut, hang: NonNullable<HairCut['hang']>, under: boolean): Grid {
  const from = (hang.from * Math.PI) / 180;
  const start = hang.from < 90 ? (under ? 0.2 : 0.34) : -0.3;
  return makeGrid(12 * skull.detail + 1, 40 * skull.detail + 1, (down, across) => {
    const angle = from + (2 * Math.PI - 2 * from) * across;
    const y = start + (hang.to - start) * down;
    const head = raised(skull, Math.max(y, -0.12), angle, cut.side * (0.5 + 0.5 * Math.min(1, down * 3)));
    const fall = Math.max(0, (-0.12 - y) / (-0.12 - hang.to));
    const grow = hang.wide * Math.sin(Math.min(1, fall * 1.3) * Math.PI * 0.5) + hang.tips * fall * fall;
    const wave =
      cut.wave * 1.4 * Math.sin(down * 11 + angle * 3) * fall ** 0.5 + cut.wave * Math.sin(angle * cut.waves);
    const [s, c] = [Math.sin(angle), Math.cos(angle)];
    const inwards = 1 - 0.16 * fall * Math.max(0, -c);
    return {
      x: head.x + s * (grow * 0.6 + wave),
      y: y - 0.05 * Math.cos(angle * 5) * fall * fall * 0.4,
      z: (head.z + c * (grow * 0.4 + wave)) * inwards,
    };
  });
}

/** A tail bound at the nape that falls over the shoulder on the right. */
function makeTail(skull: Skull): Grid {
  return makeGrid(12 * skull.detail + 1, 12 * skull.detail + 1, (down, across) => {
    const angle = Math.PI * (2 * across - 1);
    const thick = 0.07 + 0.13 * Math.sin(Math.PI * Math.min(1, down * 0.85 + 0.12)) + 0.012 * Math.sin(down * 26);
    const swing = Math.min(1, down * 1.5);
    return {
      x: 0.5 * Math.sin((swing * Math.PI) / 2) + Math.sin(angle) * thick,
      y: -0.1 - 0.2 * Math.min(1, down * 3) - 1.1 * down,
      z: skull.back(-0.1) - 0.04 + 0.75 * swing * swing + Math.cos(angle) * thick,
    };
  });
}
