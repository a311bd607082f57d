import { type Canvas, createCanvas } from '@napi-rs/canvas';
import { drawPerson } from '../render/body.ts';
import { Camera, type CameraSetup } from '../render/camera.ts';
import type { Actor, Box, Light, Person } from '../render/types.ts';

/** By day, a pixel is plainly another where red, green or blue differ by so much of 255. */
const PLAIN = 28;

/** How much of a crop shows something: somebody is drawn with it and without it, among all who stand there. */
export class Area {
  /** Pixels of the crop for one of the picture, at most 1. */
  readonly scale: number;
  readonly #camera: Camera;
  readonly #box: Box;
  readonly #actor: Actor;
  readonly #light: Light;
  readonly #others: readonly Actor[];
  #behind: Canvas | undefined;
  #before: Canvas | undefined;
  #usual: Uint8ClampedArray | undefined;

  /**
   * @param box of the actor, pixels of the picture that `setup` gives
   * @param crop in which it is judged; a picture smaller than that shows no more by being drawn larger
   */
  constructor(
    setup: CameraSetup,
    actor: Actor,
    actors: readonly Actor[],
    light: Light,
    box: Box,
    crop: { width: number; height: number },
  ) {
    const scale = Math.min(1, crop.width / (box[2] - box[0]), crop.height / (box[3] - box[1]));
    this.scale = scale;
    const size = { width: Math.ceil(setup.width * scale), height: Math.ceil(setup.height * scale) };
    this.#camera = new Camera({ ...setup, ...size });
    const [x1, y1, x2, y2] = box.map((value) => value * scale) as Box;
    const [left, top] = [Math.max(0, Math.floor(x1)), Math.max(0, Math.floor(y1))];
    this.#box = [left, top, Math.min(size.width, Math.ceil(x2)), Math.min(size.height, Math.ceil(y2))];
    this.#actor = actor;
    this.#light = light;
    this.#others = actors.filter(({ id }) => id !== actor.id).sort((a, b) => b.position.z - a.position.z);
  }

  /** Pixels of the crop that are plainly others when the actor is `changed`. */
  of(changed: Person): number {
    this.#usual ??= this.#pixels(this.#actor.person);
    const [usual, other] = [this.#usual, this.#pixels(changed)];
    // People are drawn as by day; what the dark takes is taken here.
    const plain = PLAIN / Math.min(1, this.#light.level);
    let count = 0;
    for (let at = 0; at < other.length; at += 4) {
      if (
        Math.abs(other[at]! - usual[at]!) > plain ||
        Math.abs(other[at + 1]! - usual[at + 1]!) > plain ||
        Math.abs(other[at + 2]! - usual[at + 2]!) > plain
      )
        count += 1;
    }
    return count;
  }

  #pixels(person: Person): Uint8ClampedArray {
    const { z } = this.#actor.position;
    this.#behind ??= this.#drawn(this.#others.filter(({ position }) => position.z >= z));
    this.#before ??= this.#drawn(this.#others.filter(({ position }) => position.z < z));
    const canvas = this.#drawn([{ ...this.#actor, person }], this.#behind);
    const ctx = canvas.getContext('2d');
    ctx.drawImage(this.#before, 0, 0);
    return ctx.getImageData(0, 0, canvas.width, canvas.height).data;
  }

  /** These people, one after the other, on what is `below`. */
  #drawn(actors: readonly Actor[], below?: Canvas): Canvas {
    const [left, top, right, bottom] = this.#box;
    const canvas = createCanvas(Math.max(1, right - left), Math.max(1, bottom - top));
    const ctx = canvas.getContext('2d');
    if (below) {
      ctx.fillStyle = '#7f7f7f';
      ctx.fillRect(0, 0, canvas.width, canvas.height);
      ctx.drawImage(below, 0, 0);
    }
    ctx.translate(-left, -top);
    for (const actor of actors) drawPerson(ctx, actor, this.#camera, this.#light);
    ctx.resetTransform();
    return canvas;
  }
}
