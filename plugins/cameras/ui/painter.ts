import type { FrameMessage } from '../topics.ts';
import type { NamedBox } from '../track-names.ts';
import { drawBoxes, type PlacedPicture } from './boxes.ts';

/** CSS pixels at the top in which the name of the camera stands. */
const HEADING = 40;

/** A frame as it comes over the live connection; the picture travels behind it. */
export type SeenFrame = FrameMessage;

interface Waiting {
  frame: SeenFrame;
  jpeg: Uint8Array<ArrayBuffer> | undefined;
}

export interface PainterOptions {
  /** Text on a box. */
  label: (box: NamedBox) => string;
  /** A frame stands on the canvas. */
  shown: (frame: SeenFrame) => void;
}

/**
 * Paints frames on a canvas, each picture with the boxes that were found in it and no others. While one picture is
 * decoded only the newest of those that come waits; older ones are let go.
 */
export class FramePainter {
  readonly #canvas: HTMLCanvasElement;
  readonly #options: PainterOptions;
  readonly #resizes: ResizeObserver;
  #waiting: Waiting | undefined;
  #decoding = false;
  #closed = false;
  #shown: { frame: SeenFrame; picture: ImageBitmap | undefined } | undefined;

  constructor(canvas: HTMLCanvasElement, options: PainterOptions) {
    this.#canvas = canvas;
    this.#options = options;
    this.#resizes = new ResizeObserver(() => this.#draw());
    this.#resizes.observe(canvas);
  }

  /** Takes a frame; without a picture its boxes are drawn on the bare ground. */
  offer(frame: SeenFrame, jpeg?: Uint8Array<ArrayBuffer>): void {
    this.#waiting = { frame, jpeg };
    if (!this.#decoding) void this.#next();
  }

  close(): void {
    this.#closed = true;
    this.#waiting = undefined;
    this.#resizes.disconnect();
    this.#shown?.picture?.close();
    this.#shown = undefined;
  }

  async #next(): Promise<void> {
    this.#decoding = true;
    for (let next = this.#waiting; next; next = this.#waiting) {
      this.#waiting = undefined;
      try {
        const { frame, jpeg } = next;
        const picture = jpeg && (await createImageBitmap(new Blob([jpeg], { type: 'image/jpeg' })));
        if (this.#closed) {
          picture?.close();
          break;
        }
        this.#shown?.picture?.close();
        this.#shown = { frame, picture };
        this.#draw();
        this.#options.shown(frame);
      } catch {
        // A picture that cannot be decoded is skipped: the next one comes at once, and its absence shows by its age.
      }
    }
    this.#decoding = false;
  }

  #draw(): void {
    const shown = this.#shown;
    const { clientWidth, clientHeight } = this.#canvas;
    if (!shown || clientWidth === 0 || clientHeight === 0) return;
    const ratio = window.devicePixelRatio || 1;
    const width = Math.round(clientWidth * ratio);
    const height = Math.round(clientHeight * ratio);
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
    }
    const context = this.#canvas.getContext('2d');
    if (!context) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, clientWidth, clientHeight);
    const { frame, picture } = shown;
    const place = placed(frame, clientWidth, clientHeight);
    if (picture) context.drawImage(picture, place.left, place.top, place.width, place.height);
    drawBoxes(context, frame.overlay, place, HEADING, this.#options.label);
  }
}

/** Where a frame lies on a canvas that shows all of it; `scale` is CSS pixels per native pixel. */
function placed(frame: { width: number; height: number }, width: number, height: number): PlacedPicture {
  const scale = Math.min(width / frame.width, height / frame.height);
  const shown = { width: frame.width * scale, height: frame.height * scale };
  return { ...shown, left: (width - shown.width) / 2, top: (height - shown.height) / 2, scale };
}
