import type { Head } from './detector.ts';
import { onlyOutput } from './network.ts';
import type { Detection, Point } from './types.ts';

const STRIDES = [8, 16, 32] as const;
/** Box (centre x and y, width, height) and objectness stand before the classes. */
const OBJECTNESS = 4;
const FIRST_CLASS = 5;
const LANDMARKS = 5;
/** The only label whose landmarks mean anything; the numbers are there for the others, too. */
const WITH_LANDMARKS = 'face';

/** What a camera at a door or on a road is for; the model's other classes can be asked for by name. */
export const DEFAULT_LABELS: readonly string[] = ['person', 'bicycle', 'car', 'motorcycle', 'bus', 'truck'];

/**
 * YOLOX: one row per cell of the grids at strides 8, 16 and 32, with the box as offset of its centre and logarithm of
 * its size in strides, then objectness and classes (0..1), and for some models five landmarks as offsets in strides.
 * The score is objectness times class.
 *
 * @param classes all labels of the model, in its order.
 * @param wanted those to return: the default ones that the model has, if not given. A cell counts as the best of them.
 * @param landmarks whether each row ends with five landmarks; faces are given with them.
 * @throws Error for a wanted label that the model does not have.
 */
export function yoloxHead(classes: readonly string[], wanted?: readonly string[], landmarks = false): Head {
  const labels = wanted ? [...wanted] : DEFAULT_LABELS.filter((label) => classes.includes(label));
  const columns = labels.map((label) => {
    const at = classes.indexOf(label);
    if (at < 0) throw new Error(`this model knows no ${label}; it knows ${classes.join(', ')}`);
    return FIRST_CLASS + at;
  });
  if (columns.length === 0) throw new Error('name the labels to look for; the model has none of the usual ones');
  const firstLandmark = FIRST_CLASS + classes.length;
  const width = firstLandmark + (landmarks ? LANDMARKS * 2 : 0);

  return {
    defaultScore: 0.4,
    overlap: 0.45,
    labels,
    decode(outputs, input, scoreThreshold) {
      const cells = STRIDES.reduce((sum, stride) => sum + (input.width / stride) * (input.height / stride), 0);
      const rows = onlyOutput(outputs, cells * width);
      const found: Detection[] = [];
      let at = 0;
      for (const stride of STRIDES) {
        for (let y = 0; y < input.height / stride; y++) {
          for (let x = 0; x < input.width / stride; x++, at += width) {
            // Nearly every cell ends here: a class can only lower the score.
            const objectness = rows[at + OBJECTNESS]!;
            if (!(objectness > scoreThreshold)) continue;
            let best = 0;
            for (let i = 1; i < columns.length; i++) {
              if (rows[at + columns[i]!]! > rows[at + columns[best]!]!) best = i;
            }
            const score = objectness * rows[at + columns[best]!]!;
            if (!(score > scoreThreshold)) continue;
            const centreX = (x + rows[at]!) * stride;
            const centreY = (y + rows[at + 1]!) * stride;
            const halfWidth = (Math.exp(rows[at + 2]!) * stride) / 2;
            const halfHeight = (Math.exp(rows[at + 3]!) * stride) / 2;
            const label = labels[best]!;
            const withPoints = landmarks && label === WITH_LANDMARKS;
            found.push({
              label,
              score,
              box: [centreX - halfWidth, centreY - halfHeight, centreX + halfWidth, centreY + halfHeight],
              ...(withPoints ? { landmarks: pointsAt(rows, at + firstLandmark, x, y, stride) } : {}),
            });
          }
        }
      }
      return found;
    },
  };
}

function pointsAt(rows: Float32Array, from: number, x: number, y: number, stride: number): Point[] {
  return Array.from({ length: LANDMARKS }, (_, i) => [
    (x + rows[from + 2 * i]!) * stride,
    (y + rows[from + 2 * i + 1]!) * stride,
  ]);
}
