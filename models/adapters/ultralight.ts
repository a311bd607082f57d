import type { Head } from './detector.ts';
import { output } from './network.ts';
import type { Detection } from './types.ts';

/** Ultra-Light RFB: for each prior box two scores, of background and face, and the corners of the face, 0..1 of the input. */
export function ultralightHead(label: string): Head {
  return {
    defaultScore: 0.7,
    overlap: 0.3,
    labels: [label],
    decode(outputs, input, scoreThreshold) {
      const priors = (outputs.get('scores')?.length ?? 0) / 2;
      const scores = output(outputs, 'scores', priors * 2);
      const boxes = output(outputs, 'boxes', priors * 4);
      const found: Detection[] = [];
      for (let i = 0; i < priors; i++) {
        const score = scores[i * 2 + 1]!;
        if (!(score > scoreThreshold)) continue;
        found.push({
          label,
          score,
          box: [
            boxes[i * 4]! * input.width,
            boxes[i * 4 + 1]! * input.height,
            boxes[i * 4 + 2]! * input.width,
            boxes[i * 4 + 3]! * input.height,
          ],
        });
      }
      return found;
    },
  };
}
