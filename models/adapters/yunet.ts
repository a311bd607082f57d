import type { Head } from './detector.ts';
import { output } from './network.ts';
import type { Detection, Point } from './types.ts';

const STRIDES = [8, 16, 32] as const;
const LANDMARKS = 5;

/**
 * YuNet: a grid of cells at each stride, each with a class and an objectness score (0..1), a box as offset of its centre
 * and logarithm of its size, and five landmarks as offsets, all in strides. The score is the mean of both by multiplying.
 */
export function yunetHead(label: string): Head {
  return {
    defaultScore: 0.6,
    overlap: 0.3,
    labels: [label],
    decode(outputs, input, scoreThreshold) {
      const found: Detection[] = [];
      const least = scoreThreshold * scoreThreshold;
      for (const stride of STRIDES) {
        const columns = input.width / stride;
        const cells = columns * (input.height / stride);
        const classes = output(outputs, `cls_${stride}`, cells);
        const objects = output(outputs, `obj_${stride}`, cells);
        const boxes = output(outputs, `bbox_${stride}`, cells * 4);
        const points = output(outputs, `kps_${stride}`, cells * LANDMARKS * 2);
        for (let cell = 0; cell < cells; cell++) {
          const squared = classes[cell]! * objects[cell]!;
          if (!(squared > least)) continue;
          const column = cell % columns;
          const row = (cell - column) / columns;
          const x = (column + boxes[cell * 4]!) * stride;
          const y = (row + boxes[cell * 4 + 1]!) * stride;
          const halfWidth = (Math.exp(boxes[cell * 4 + 2]!) * stride) / 2;
          const halfHeight = (Math.exp(boxes[cell * 4 + 3]!) * stride) / 2;
          const landmarks: Point[] = [];
          for (let at = cell * LANDMARKS * 2; at < (cell + 1) * LANDMARKS * 2; at += 2) {
            landmarks.push([(column + points[at]!) * stride, (row + points[at + 1]!) * stride]);
          }
          found.push({
            label,
            score: Math.sqrt(squared),
            box: [x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight],
            landmarks,
          });
        }
      }
      return found;
    },
  };
}
