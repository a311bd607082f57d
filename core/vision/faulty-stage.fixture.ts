import { setTimeout as sleep } from 'node:timers/promises';
import { data } from '../plugin/keys.ts';
import { defineStage } from './stage.ts';

/** A stage for tests that does what its options say: nothing wrong, or one of the things that must cost nobody else. */

export type Fault = 'none' | 'create' | 'camera' | 'process' | 'hang' | 'wait' | 'end' | 'crash' | 'leak' | 'grab';

export interface FaultyOptions {
  fault: Fault;
  /** The camera it goes wrong for; undefined: all. */
  channel?: number;
}

export const marked = data<number>('marked@1');

const LEAK = 48 * 1024 ** 2;
const GRABBED = 20;

/** Memory nobody gives back; filled, because only what is touched counts. */
const held: Uint8Array[] = [];
const take = () => held.push(new Uint8Array(LEAK).fill(1));

function spin(): never {
  for (;;);
}

/** As native code that reads what is not there, again and again: Deno looks at the first time itself. */
function crash(): never {
  for (;;) process.kill(process.pid, 'SIGSEGV');
}

export default defineStage({
  create: (context) => {
    const { fault, channel } = context.options as unknown as FaultyOptions;
    if (fault === 'create') throw new Error('it cannot be made');
    return {
      camera: ({ plan }) => {
        const wrong = channel === undefined || channel === plan.channel;
        if (fault === 'camera' && wrong) throw new Error('it does not know this camera');
        return {
          process: async (frame) => {
            if (wrong && fault === 'process') throw new Error('it cannot read this frame');
            if (wrong && fault === 'hang') spin();
            if (wrong && fault === 'crash') crash();
            if (wrong && fault === 'wait') await new Promise<never>(() => {});
            if (wrong && fault === 'leak') take();
            if (wrong && fault === 'grab') {
              for (let i = 0; i < GRABBED; i += 1) take();
              spin();
            }
            await sleep(5);
            if (fault === 'none') frame.set(marked, 1);
          },
          streamEnded: async () => {
            if (wrong && fault === 'end') await new Promise<never>(() => {});
          },
        };
      },
    };
  },
});
