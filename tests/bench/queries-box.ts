import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Bus } from '../../core/events/bus.ts';
import type { EventKey } from '../../core/plugin/keys.ts';
import { captureObserved } from '../../core/vision/keys.ts';

/**
 * The box of `queries.ts`: a whole one, in whose core process captures arrive as if the vision worker had sent them,
 * and the delay of the event loop is measured.
 *
 * It takes `BENCH_CAPTURES` (captures a second) from the environment; on SIGUSR2 it prints one line
 * `event-loop {"p50", "p99", "max": ms, "recorded": captures since the last line}` and measures anew.
 */

const RESOLUTION_MS = 1;
const CHANNELS = 8;
const CROP = Buffer.alloc(12_000, 1);
const FRAME = Buffer.alloc(180_000, 2);

const rate = Number(process.env['BENCH_CAPTURES'] ?? 0);
let sent = 0;

const listen = Bus.prototype.on;
Bus.prototype.on = function <T>(this: Bus, event: EventKey<T>, ...more: never) {
  if (event.id === captureObserved.id && rate > 0) begin(this);
  return listen.call(this, event as EventKey<unknown>, ...(more as unknown as [string, () => void]));
};

let begun = false;
function begin(bus: Bus): void {
  if (begun) return;
  begun = true;
  setInterval(() => {
    bus.emit(captureObserved, {
      kind: 'face',
      channel: 1 + (sent % CHANNELS),
      trackId: sent,
      time: Date.now(),
      quality: 70,
      score: 0.9,
      box: [400, 120, 100, 120],
      frameWidth: 1920,
      frameHeight: 1080,
      boxInCrop: [40, 48, 100, 120],
      crop: CROP,
      frame: FRAME,
    });
    sent++;
  }, 1000 / rate);
}

const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();
process.on('SIGUSR2', () => {
  const ms = (value: number) => Math.round(value / 1e4) / 100;
  const found = { p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(delay.max), recorded: sent };
  process.stdout.write(`event-loop ${JSON.stringify(found)}\n`);
  delay.reset();
  sent = 0;
});

await import('../../core/main.ts');
