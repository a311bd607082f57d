import type { SKRSContext2D } from '@napi-rs/canvas';
import { type Camera, NEAR } from './camera.ts';
import { drawPlate, PLATE_HEIGHT, PLATE_WIDTH, plateStyle, type Quad } from './plate.ts';
import { clipped } from './space.ts';
import { css, mix, shade, type Tint, tint } from './tint.ts';
import type { Box, Light, Vec3, Vehicle, VehicleColour } from './types.ts';
import { type Hull, VEHICLE_SHAPES, type VehicleShape } from './vehicle-shapes.ts';
import { around, dot, minus, placed, Solid } from './vehicle-solid.ts';
import { drawTyres, drawWheels } from './vehicle-wheels.ts';

const PAINTS: Readonly<Record<VehicleColour, Tint>> = {
  gray: tint('#8b9096'),
  white: tint('#eceeee'),
  red: tint('#b3202a'),
  black: tint('#1e2024'),
  blue: tint('#23509c'),
  green: tint('#2c6e4a'),
  brown: tint('#6e4a32'),
  yellow: tint('#e2b42a'),
  purple: tint('#6a3f92'),
  pink: tint('#e08fae'),
};
const GLASS = tint('#2b3640');
const DARK = tint('#24272b');

/** What is to be seen of a vehicle that was drawn alone; boxes in pixels, also outside the picture. */
export interface VehicleTruth {
  box: Box;
  plates: { box: Box; text: string }[];
}

/** Draws one vehicle; nothing where all of it is behind the camera. */
export function drawVehicle(ctx: SKRSContext2D, vehicle: Vehicle, camera: Camera, light: Light): VehicleTruth {
  return new Painter(ctx, vehicle, camera, light).draw();
}

/** Pixels that a vehicle can touch, or undefined where it is behind the camera. */
export function vehicleBounds(vehicle: Vehicle, camera: Camera): Box | undefined {
  const shape = VEHICLE_SHAPES[vehicle.class];
  const place = placed(vehicle);
  const [l, w, h] = [shape.length / 2 + 0.05, shape.width / 2 + 0.28, shape.height];
  const faces = [-l, l].map((f) => [place(f, 0, -w), place(f, 0, w), place(f, h, w), place(f, h, -w)]);
  const sides = [-w, w].map((s) => [place(-l, 0, s), place(l, 0, s), place(l, h, s), place(-l, h, s)]);
  return around([...faces, ...sides].flatMap((face) => clipped(face, (point) => camera.project(point))));
}

class Painter {
  readonly #solid: Solid;
  readonly #vehicle: Vehicle;
  readonly #shape: VehicleShape;
  readonly #paint: Tint;

  constructor(ctx: SKRSContext2D, vehicle: Vehicle, camera: Camera, light: Light) {
    this.#solid = new Solid(ctx, vehicle, camera, light);
    this.#vehicle = vehicle;
    this.#shape = VEHICLE_SHAPES[vehicle.class];
    this.#paint = PAINTS[vehicle.colour];
  }

  draw(): VehicleTruth {
    const plates: VehicleTruth['plates'] = [];
    drawTyres(this.#solid, this.#shape);
    // From behind, the body hides the inner part of the mirrors.
    const behind =
      dot(
        minus(this.#solid.place(1, 0, 0), this.#solid.place(0, 0, 0)),
        minus(this.#solid.eye, this.#solid.place(0, 0, 0)),
      ) < 0;
    if (behind) this.#mirrors();
    // The hull whose middle is farther away is hidden by the other.
    const hulls = this.#shape.hulls
      .map((hull, index) => ({ hull, index, far: this.#far(hull) }))
      .sort((a, b) => b.far - a.far);
    for (const { hull, index } of hulls) {
      this.#hull(hull);
      for (const end of ['front', 'rear'] as const) {
        if (this.#shape[end].hull !== index) continue;
        const plate = this.#end(end, hull);
        if (plate) plates.push({ box: plate, text: this.#vehicle.plate });
      }
    }
    if (!behind) this.#mirrors();
    return { box: around(this.#solid.points) ?? [0, 0, 0, 0], plates };
  }

  #far(hull: Hull): number {
    const forward = hull.stations.map(([f]) => f);
    const { x, z } = this.#solid.place((Math.min(...forward) + Math.max(...forward)) / 2, 1, 0);
    return Math.hypot(x, z);
  }

  /** Corners of a strip's part: `u` across -1..1, `v` from its first to its second station. */
  #strip(hull: Hull, strip: number, [u0, u1]: readonly [number, number], [v0, v1]: readonly [number, number]): Vec3[] {
    const [a, b] = [hull.stations[strip]!, hull.stations[strip + 1]!];
    const on = (u: number, v: number): Vec3 =>
      this.#solid.place(a[0] + (b[0] - a[0]) * v, a[1] + (b[1] - a[1]) * v, (a[2] + (b[2] - a[2]) * v) * u);
    return [on(u0, v0), on(u1, v0), on(u1, v1), on(u0, v1)];
  }

  #outward(hull: Hull, strip: number): Vec3 {
    const [a, b] = [hull.stations[strip]!, hull.stations[strip + 1]!];
    const [df, du] = [b[0] - a[0], b[1] - a[1]];
    // Stations go round from the front over the roof, so outside is to the right of the way.
    return minus(this.#solid.place(du, -df, 0), this.#solid.place(0, 0, 0));
  }

  #colour(part: string): Tint {
    if (part === 'glass') return GLASS;
    if (part === 'dark' || part === 'grille') return DARK;
    if (part === 'bumper') return shade(this.#paint, 0.94);
    if (part === 'box') return mix(this.#paint, tint('#dfe2e2'), this.#vehicle.plate.length % 2 ? 0.15 : 0.04);
    return this.#paint;
  }

  #hull(hull: Hull): void {
    const faces: { far: number; draw: () => void }[] = [];
    for (const [n, part] of hull.parts.entries()) {
      const corners = this.#strip(hull, n, [-1, 1], [0, 1]);
      const { seen, bright } = this.#solid.facing(corners, this.#outward(hull, n));
      if (!seen) continue;
      faces.push({ far: this.#solid.distance(corners), draw: () => this.#panel(hull, n, part, corners, bright) });
    }
    // Far strips first: a bonnet may hide the foot of the windscreen, never the other way round.
    for (const face of faces.sort((a, b) => b.far - a.far)) face.draw();
    for (const side of [-1, 1]) this.#side(hull, side);
  }

  #panel(hull: Hull, strip: number, part: string, corners: Vec3[], bright: number): void {
    const colour = shade(this.#colour(part), bright);
    if (part !== 'glass') {
      this.#solid.fill(corners, colour);
      if (part === 'roof' || part === 'paint') {
        const [from, to] = [corners[0]!, corners[2]!];
        this.#solid.fill(
          corners,
          this.#solid.gradient(from, to, [
            css(shade(colour, 1.25), 0.35),
            css(colour, 0),
            css(shade(colour, 0.7), 0.3),
          ]),
          false,
        );
      }
      return;
    }
    this.#solid.fill(corners, shade(this.#paint, bright));
    const pane = this.#strip(hull, strip, [-0.93, 0.93], [0.05, 0.94]);
    this.#solid.fill(pane, shade(GLASS, bright));
    this.#solid.fill(
      pane,
      this.#solid.gradient(pane[0]!, pane[2]!, ['rgba(210,228,240,.08)', 'rgba(210,228,240,.4)', 'rgba(20,26,32,.2)']),
      false,
    );
  }

  /** Half the breadth at a height: the sides lean in above the belt. */
  #half(hull: Hull, up: number): number {
    const belt = Math.max(...hull.stations.map(([, , half]) => half));
    const top = hull.stations.reduce((high, station) => (station[1] > high[1] ? station : high));
    const foot = hull.stations.filter(([, , half]) => half === belt).at(-1)![1];
    const part = Math.max(0, Math.min(1, (up - foot) / Math.max(0.01, top[1] - foot)));
    return belt + (top[2] - belt) * part;
  }

  #side(hull: Hull, side: number): void {
    const ring = hull.stations.map(([forward, up, half]) => this.#solid.place(forward, up, half * side));
    const outward = minus(this.#solid.place(0, 0.25, side), this.#solid.place(0, 0, 0));
    const toEye = minus(this.#solid.eye, this.#solid.place(0, 1, (side * this.#shape.width) / 2));
    const across = minus(this.#solid.place(0, 0, side), this.#solid.place(0, 0, 0));
    if (dot(across, toEye) <= 0) return;
    const bright = 0.72 + 0.3 * Math.max(-0.5, dot(outward, this.#solid.sun));
    const colour = shade(this.#colour(hull.box ? 'box' : 'paint'), bright);
    this.#solid.fill(ring, colour);
    const [low, high] = [this.#solid.place(0, 0.2, side), this.#solid.place(0, this.#shape.height, side)];
    this.#solid.fill(
      ring,
      this.#solid.gradient(low, high, [css(shade(colour, 0.55), 0.7), css(shade(colour, 1.12), 0.5), css(colour, 0)]),
      false,
    );
    const on = (forward: number, up: number): Vec3 => this.#solid.place(forward, up, this.#half(hull, up) * side);
    for (const window of hull.windows) {
      const pane = window.map(([forward, up]) => on(forward, up));
      this.#solid.fill(pane, shade(GLASS, 0.7 + bright * 0.4));
      this.#solid.fill(
        pane,
        this.#solid.gradient(pane[0]!, pane[2]!, [
          'rgba(200,220,235,.12)',
          'rgba(200,220,235,.34)',
          'rgba(20,26,32,.2)',
        ]),
        false,
      );
    }
    for (const [f0, u0, f1, u1] of hull.joints)
      this.#solid.space.line(on(f0, u0), on(f1, u1), 0.018, css(shade(colour, 0.5), 0.6), 0.4);
    if (!hull.box)
      for (const forward of hull.windows.slice(0, 2).map(([, , , corner]) => corner![0]))
        this.#solid.space.line(on(forward + 0.1, 0.86), on(forward + 0.3, 0.86), 0.03, css(shade(colour, 0.55)), 0.5);
    if (hull.box) {
      const stripe = [on(1.1, 1.5), on(-2.85, 1.5), on(-2.85, 1.75), on(1.1, 1.75)];
      this.#solid.fill(stripe, css(mix(this.#paint, [255, 255, 255], 0.4), 0.5), false);
    }
    drawWheels(this.#solid, this.#shape, side);
  }

  /** Lamps, grille and plate of one end; the box of the plate where it is to be seen. */
  #end(end: 'front' | 'rear', hull: Hull): Box | undefined {
    const spot = this.#shape[end];
    const whole = this.#strip(hull, spot.strip, [-1, 1], [0, 1]);
    const { seen } = this.#solid.facing(whole, this.#outward(hull, spot.strip));
    if (!seen) return undefined;
    const up = end === 'front' ? spot.lamp : ([1 - spot.lamp[1], 1 - spot.lamp[0]] as const);
    const wide = this.#shape.lampWidth * 2;
    for (const side of [-1, 1]) {
      const lamp = this.#strip(hull, spot.strip, [side * (0.97 - wide), side * 0.97], up);
      this.#solid.fill(lamp, end === 'front' ? '#39424a' : '#5e0f14', false);
      const glass = this.#strip(hull, spot.strip, [side * (0.95 - wide), side * 0.95], [up[0] + 0.04, up[1] - 0.05]);
      this.#solid.fill(
        glass,
        end === 'front'
          ? this.#solid.gradient(glass[0]!, glass[2]!, ['#f4f8fb', '#cfd9e2', '#93a1ad'])
          : this.#solid.gradient(glass[0]!, glass[2]!, ['#d8262c', '#a81a20', '#e8503f']),
        false,
      );
    }
    if (end === 'front') {
      const inner = 0.9 - wide;
      this.#solid.fill(this.#strip(hull, spot.strip, [-inner, inner], [up[0] + 0.05, up[1] - 0.02]), css(DARK), false);
      const bars = this.#strip(
        hull,
        spot.strip,
        [-inner, inner],
        [(up[0] + up[1]) / 2 - 0.02, (up[0] + up[1]) / 2 + 0.03],
      );
      this.#solid.fill(bars, '#9aa1a8', false);
      this.#solid.fill(this.#strip(hull, spot.strip, [-0.6, 0.6], [0, 0.1]), css(DARK), false);
    }
    return this.#plate(end, hull);
  }

  #plate(end: 'front' | 'rear', hull: Hull): Box | undefined {
    const spot = this.#shape[end];
    const [a, b] = [hull.stations[spot.strip]!, hull.stations[spot.strip + 1]!];
    const v = spot.plate;
    const out = end === 'front' ? 0.02 : -0.02;
    const middle = [a[0] + (b[0] - a[0]) * v + out, a[1] + (b[1] - a[1]) * v] as const;
    const tall = [PLATE_HEIGHT / 2, -PLATE_HEIGHT / 2];
    // To a reader before the vehicle, its own left is at the right hand.
    const hand = end === 'front' ? 1 : -1;
    const corner = (u: number, y: number): Vec3 =>
      this.#solid.place(middle[0], middle[1] + y, (u * hand * PLATE_WIDTH) / 2);
    const corners = [corner(-1, tall[0]!), corner(1, tall[0]!), corner(1, tall[1]!), corner(-1, tall[1]!)];
    if (corners.some((point) => this.#solid.space.project(point).depth <= NEAR * 2)) return undefined;
    const quad = corners.map((point) => this.#solid.space.pixel(point)) as unknown as Quad;
    // Twice the area, positive while it is seen from its readable side.
    const area =
      (quad[1][0] - quad[0][0]) * (quad[3][1] - quad[0][1]) - (quad[1][1] - quad[0][1]) * (quad[3][0] - quad[0][0]);
    if (area <= 0.5) return undefined;
    drawPlate(this.#solid.space.ctx, this.#vehicle.plate, quad, plateStyle(this.#vehicle.plate));
    return around(quad);
  }

  #mirrors(): void {
    const cab = this.#shape.hulls.at(-1)!;
    const screen = cab.parts.indexOf('glass');
    const [forward, up] = cab.stations[screen]!;
    const [f, u] = [forward - 0.25, Math.max(up + 0.08, this.#shape.height > 2 ? 1.4 : 0)];
    for (const side of [-1, 1]) {
      const half = this.#half(cab, u);
      const faces = [0.02, 0.2].map((across) => (half + across) * side) as [number, number];
      const block = [
        this.#solid.place(f, u - 0.07, faces[0]),
        this.#solid.place(f, u - 0.07, faces[1]),
        this.#solid.place(f, u + 0.09, faces[1]),
        this.#solid.place(f, u + 0.09, faces[0]),
      ];
      this.#solid.fill(block, shade(this.#paint, 0.66));
    }
  }
}
