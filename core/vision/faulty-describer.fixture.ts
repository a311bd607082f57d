import { defineDescriber } from './describer.ts';

/**
 * A describer for tests that does what its options say: describe, give a face as numbers, or one of the things that must
 * cost no capture.
 */

export interface FaultyDescriberOptions {
  fault: 'none' | 'create' | 'throw' | 'hang' | 'numbers' | 'garbage';
}

export default defineDescriber({
  create: ({ id, options }) => {
    const { fault } = options as unknown as FaultyDescriberOptions;
    if (fault === 'create') throw new Error('it cannot be made');
    return {
      describe: ({ picture, kind }) => {
        if (fault === 'throw') throw new Error('it cannot see');
        if (fault === 'hang') for (;;);
        if (fault === 'numbers') return { embedding: new Float32Array(128).fill(3) };
        if (fault === 'garbage') return { embedding: new Float32Array(128).fill(Number.NaN) };
        return { attributes: { [`${id.replaceAll('-', '_')}_saw`]: `${kind} ${picture.width}x${picture.height}` } };
      },
    };
  },
});
