import type { FaceColours } from './face-colours.ts';
import type { Mimic } from './face-expression.ts';
import { along, type FacePen } from './face-pen.ts';
import type { HeadBuild } from './head-build.ts';
import { css } from './tint.ts';
import type { Point } from './types.ts';

/** Middle of the open eye of one side (-1 left of the picture at yaw 0) on the face. */
export function eyeMiddle(build: HeadBuild, side: number): Point {
  return [side * build.eye.x, build.eye.y];
}

/** Below this opening an eye counts as shut and only its lid line is drawn. */
const SHUT = 0.14;

/** One eye with its lids and lashes. */
export function drawEye(pen: FacePen, build: HeadBuild, mimic: Mimic, colours: FaceColours, side: number): void {
  const { eye } = build;
  const [mx, my] = eyeMiddle(build, side);
  if (pen.facing(mx - side * eye.half, my) < 0.02 && pen.facing(mx + side * eye.half, my) < 0.02) return;
  const small = pen.pixels(eye.half) < 3.2;
  const steps = small ? 6 : 12;
  // u runs from the inner (-1) to the outer (+1) corner, v is up.
  const at = (u: number, v: number): Point => [mx + side * u * eye.half, my + v + eye.tilt * u * eye.half];
  const droop = 1.12 - 0.46 * eye.lid;
  const top = eye.height * mimic.upperLid * droop;
  const low = -eye.height * 0.62 * mimic.lowerLid;
  const shut = mimic.upperLid < SHUT;
  const upper = (u: number): number =>
    (shut ? low : Math.max(top, low)) * (1 - Math.abs(u + 0.12 * (1 - u * u)) ** 2.3);
  const lower = (u: number): number => low * (1 - Math.abs(u - 0.15 * (1 - u * u)) ** 2.2);
  drawSocket(pen, build, mimic, colours, side);
  if (shut) {
    drawShutEye(
      pen,
      build,
      colours,
      along(steps, (u) => at(u, lower(u))),
      side,
    );
    return;
  }
  const upperLine = along(steps, (u) => at(u, upper(u)));
  const lowerLine = along(steps, (u) => at(u, lower(u)));
  pen.fill([...upperLine, ...lowerLine.slice(1, -1).reverse()], css(colours.eyeWhite));
  const iris = Math.min(eye.half * 0.52, eye.height * 0.95 + 0.012);
  const round = (radius: number, u0: number, v0: number): Point[] => {
    const above: Point[] = [];
    const below: Point[] = [];
    for (let n = -6; n <= 6; n += 1) {
      const du = Math.sin((n / 6) * (Math.PI / 2)) * radius;
      const dv = Math.sqrt(Math.max(0, radius * radius - du * du));
      const u = u0 + du / eye.half;
      const roof = upper(u);
      const floor = lower(u);
      above.push(at(u, Math.max(floor, Math.min(roof, v0 + dv))));
      below.push(at(u, Math.min(roof, Math.max(floor, v0 - dv))));
    }
    return [...above, ...below.reverse()];
  };
  const height = eye.height * 0.12;
  if (small) {
    pen.fill(round(iris * 0.9, 0, height), css(colours.irisRim));
  } else {
    pen.fill(round(iris, 0, height), css(colours.irisRim));
    pen.fill(round(iris * 0.8, 0, height), css(colours.iris));
    pen.fill(round(iris * 0.46, 0, height), css(colours.pupil));
    // Shadow of the upper lid on the ball, then the light in the eye.
    pen.fill(
      [
        ...upperLine,
        ...along(steps, (u) => at(u, Math.max(lower(u), upper(u) - eye.height * 0.3)))
          .slice(1, -1)
          .reverse(),
      ],
      'rgba(40,25,25,0.22)',
    );
    if (mimic.upperLid > 0.5)
      pen.spot(mx + iris * 0.32, my + height + iris * 0.34, iris * 0.2, iris * 0.2, 'rgba(255,255,255,0.92)');
  }
  drawLids(pen, build, mimic, colours, { side, at, upper, lower, steps, small });
}

interface Lids {
  side: number;
  at: (u: number, v: number) => Point;
  upper: (u: number) => number;
  lower: (u: number) => number;
  steps: number;
  small: boolean;
}

function drawLids(pen: FacePen, build: HeadBuild, mimic: Mimic, colours: FaceColours, lids: Lids): void {
  const { eye } = build;
  const { at, upper, lower, steps } = lids;
  const thick = 0.012 + 0.012 * eye.lash;
  const outer = 1 + 0.16 * eye.lash;
  const reach = (u: number): number => (u > 0 ? u * outer : u);
  const rise = (u: number): number => (u > 0 ? 0.03 * eye.lash * u ** 3 : 0);
  pen.fill(
    [
      ...along(steps, (u) => at(reach(u), upper(u) + rise(u) + thick * (0.55 + 0.6 * Math.max(0, u) ** 1.5))),
      ...along(steps, (u) => at(u, upper(u) - thick * 0.35)).reverse(),
    ],
    css(colours.lash, 0.6 + 0.4 * eye.lash),
  );
  if (lids.small) return;
  pen.stroke(
    along(steps, (u) => at(u * 0.92 + 0.06, lower(u * 0.92 + 0.06) - 0.004)),
    0.009,
    css(colours.line, 0.45),
  );
  // The fold of the upper lid lies closer to the eye the more the lid hangs.
  const fold = 0.1 - 0.085 * eye.lid + 0.018 * (mimic.upperLid - 1);
  const crease = (u: number): Point =>
    at(u * 1.04 + 0.03, Math.max(upper(u), eye.height * 0.5 * (1 - u * u)) + Math.max(0.012, fold));
  pen.fill([...along(steps, crease), ...along(steps, (u) => at(u, upper(u))).reverse()], css(colours.shade, 0.3));
  pen.stroke(along(steps, crease), 0.014, css(colours.line, 0.6));
}

function drawShutEye(pen: FacePen, build: HeadBuild, colours: FaceColours, line: Point[], side: number): void {
  const { eye } = build;
  pen.stroke(line, 0.02 + 0.012 * eye.lash, css(colours.lash, 0.9));
  if (eye.lash > 0.4 && pen.pixels(eye.half) > 4) {
    const end = line[line.length - 1]!;
    pen.stroke([end, [end[0] + side * 0.035, end[1] - 0.012]], 0.018, css(colours.lash, 0.9));
  }
  const [mx, my] = eyeMiddle(build, side);
  pen.stroke(
    along(8, (u) => [mx + side * u * eye.half, my + eye.height * 0.62 * (1 - u * u) + eye.tilt * u * eye.half]),
    0.01,
    css(colours.line, 0.4),
  );
}

/** Shade around the eye: deep eyes lie in more of it. */
function drawSocket(pen: FacePen, build: HeadBuild, mimic: Mimic, colours: FaceColours, side: number): void {
  if (pen.pixels(1) < 26) return;
  const { eye, wrinkle } = build;
  const [mx, my] = eyeMiddle(build, side);
  pen.glow(
    mx - side * 0.03,
    my + 0.045,
    eye.half * (1.3 + 0.45 * eye.deep),
    eye.height * (1.5 + 1.1 * eye.deep),
    (a) => css(colours.shade, a),
    0.02 + 0.9 * eye.deep,
  );
  // Rings below deep eyes.
  pen.glow(
    mx,
    my - eye.height * 1.35,
    eye.half * 1.05,
    eye.height * 0.8,
    (a) => css(colours.shade, a),
    0.85 * Math.max(0, eye.deep - 0.25),
  );
  if (wrinkle > 0.25 || mimic.lowerLid < 0.6) {
    const drop = eye.height + 0.035;
    pen.stroke(
      along(8, (u) => [mx + side * u * eye.half * 0.85, my - drop * (1 - 0.45 * u * u) - 0.01]),
      0.011,
      css(colours.line, 0.25 + 0.3 * wrinkle),
    );
  }
}
