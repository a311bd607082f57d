import { defineDescriber } from './describer.ts';

/** A describer for tests that does what its options say: describe, or one of the things that must cost no capture. */

export interface FaultyDescriberOptions {
  fault: 'none' | 'create' | 'throw' | 'hang';
}

export default defineDescriber({
  create: ({ id, options }) => {
    const { fault } = options as unknown as FaultyDescriberOptions;
    if (fault === 'create') throw new Error('it cannot be made');
    return {
      describe: ({ picture, kind }) => {
        if (fault === 'throw') throw new Error('it cannot see');
        if (fault === 'hang') for (;;);
        return { attributes: { [`${id.replaceAll('-', '_')}_saw`]: `${kind} ${picture.width}x${picture.height}` } };
      },
    };
  },
});
