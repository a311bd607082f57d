import { readdirSync } from 'node:fs';
import { type Feed, feedsOpened, openFeed } from './feed.ts';

/**
 * A process like the vision worker, for process.test.ts: opens and closes feeds of a camera, some at a time, says
 * what it holds after each round, and has to end by itself.
 */
const [url = '', rounds = '1', atOnce = '1'] = process.argv.slice(2);

async function round(): Promise<void> {
  const feeds: Feed[] = [];
  await Promise.all(
    Array.from({ length: Number(atOnce) }, () => {
      return new Promise<void>((resolve) => {
        let frames = 0;
        feeds.push(
          openFeed({
            url,
            pictures: [
              { id: 'a', width: 320, height: 320 },
              { id: 'b', width: 96, height: 96 },
            ],
            rate: { perSecond: 10 },
            onFrame: () => {
              frames += 1;
              if (frames === 4) resolve();
            },
            onState: () => {},
          }),
        );
      });
    }),
  );
  await Promise.all(feeds.map((feed) => feed.stop()));
}

for (let index = 0; index < Number(rounds); index += 1) {
  await round();
  globalThis.gc?.();
  const held = {
    pipelines: feedsOpened(),
    descriptors: readdirSync('/proc/self/fd').length,
    residentBytes: process.memoryUsage.rss(),
  };
  process.stdout.write(`${JSON.stringify(held)}\n`);
}
