import { joinSupervisor } from './child.ts';

/** A child for tests: ends, or lives on, as its settings say. */
interface Settings {
  exit?: number;
  /** Ends by this, while it says that it does something. */
  signal?: NodeJS.Signals;
}

// Lives, but never says hello.
if (process.env['MUTE']) await new Promise(() => setInterval(() => {}, 1_000));

const { channel, doing } = joinSupervisor<object, { type: string; settings?: Settings }>(({ type, settings }) => {
  if (type === 'stop') process.exit(0);
  if (settings?.exit !== undefined) process.exit(settings.exit);
  if (settings?.signal) {
    doing.write('a step');
    const { signal } = settings;
    const die = () => process.kill(process.pid, signal);
    // Deno looks at the first of these itself, and would die of it only if memory were really touched again.
    setInterval(die, 20);
    die();
    return;
  }
  const beat = () => channel.send({ type: 'beat', residentBytes: process.memoryUsage.rss(), at: Date.now() });
  beat();
  setInterval(beat, 100);
});
