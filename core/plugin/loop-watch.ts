import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { lifeOf, watchedFolders } from './strays.ts';

/**
 * Says which plugin keeps the event loop, also where that is no call the core has made (a timer, the rest of an
 * asynchronous function) and even when it never comes back. A small thread beside the loop hears it beat; when it does
 * not for a second, the thread looks at its stack through the inspector. Costs some 10 MB, and next to no time.
 */

const BEAT_MS = 250;
/** Silent for so many looks: the stack is looked at. */
const SAMPLE_LOOKS = 4;
/** Silent for so many looks: it is told without waiting for the end. */
const TELL_LOOKS = 20;
/** A plugin that has kept the loop for so many looks does not give it back any more. */
const GIVE_UP_LOOKS = 240;

interface Hold {
  folder: string;
  /** Function and file. */
  where: string;
  ms: number;
}

/**
 * Starts to watch. A process whose loop a plugin has kept for a minute is ended, so that the service manager starts a
 * fresh one: nobody else can be served any more, and a start that hangs counts as one that failed.
 * @returns ends it; does nothing under Deno, where no thread can look at another
 */
export function watchLoop(log: () => Logger): () => void {
  if ('deno' in process.versions) return () => {};
  const shared = new SharedArrayBuffer(4);
  const beats = new Int32Array(shared);
  const worker = new Worker(THREAD, {
    eval: true,
    // What this process was started with is for TypeScript; the thread is plain and small.
    execArgv: [],
    workerData: { shared, BEAT_MS, SAMPLE_LOOKS, TELL_LOOKS, GIVE_UP_LOOKS },
  });
  worker.unref();
  worker.on('error', (error) => log().warn({ reason: error.message }, 'the event loop is not watched'));
  worker.on('message', ({ folder, where, ms }: Hold) => {
    const life = lifeOf(folder);
    if (!life) return;
    life.tally.heldFor(ms);
    const message = `plugin ${life.plugin} held the event loop for ${(ms / 1000).toFixed(1)} s`;
    log().warn({ module: life.plugin, reason: where, ms }, message);
  });
  let known = 0;
  const timer = setInterval(() => {
    Atomics.add(beats, 0, 1);
    const folders = watchedFolders();
    if (folders.length === known) return;
    known = folders.length;
    worker.postMessage(folders);
  }, BEAT_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    void worker.terminate();
  };
}

/** JavaScript of the thread: started without a loader, so it is no module of its own. */
const THREAD = `
const { workerData, parentPort } = require('node:worker_threads');
const { writeSync } = require('node:fs');
const { Session } = require('node:inspector');
const { pathToFileURL } = require('node:url');
const { BEAT_MS, SAMPLE_LOOKS, TELL_LOOKS, GIVE_UP_LOOKS } = workerData;
const beats = new Int32Array(workerData.shared);
let folders = [];
let heard = Atomics.load(beats, 0);
let silent = 0;
let hold;

parentPort.on('message', (known) => {
  folders = known.map(({ plugin, folder }) => ({ plugin, folder, address: pathToFileURL(folder).href + '/' }));
});

function say(level, msg) {
  writeSync(1, JSON.stringify({ level, time: Date.now(), module: hold.plugin, reason: hold.where, msg }) + '\\n');
}

// The innermost function of a plugin on the stack of the main thread.
function sample() {
  const asked = heard;
  const files = new Map();
  const session = new Session();
  hold = undefined;
  session.connectToMainThread();
  session.on('Debugger.scriptParsed', ({ params }) => files.set(params.scriptId, params.url));
  session.on('Debugger.paused', ({ params }) => {
    session.post('Debugger.resume');
    session.post('Debugger.disable', () => session.disconnect());
    // The loop beats again: what runs now is not what held it.
    if (Atomics.load(beats, 0) !== asked) return;
    for (const frame of params.callFrames) {
      const file = files.get(frame.location.scriptId) || frame.url || '';
      const found = folders.find(({ folder, address }) => file.startsWith(address) || file.startsWith(folder + '/'));
      if (!found) continue;
      const name = decodeURI(file.slice(file.indexOf(found.plugin + '/'))).split('?')[0];
      hold = { ...found, where: (frame.functionName || 'a function') + ' in ' + name };
      return;
    }
  });
  session.post('Debugger.enable', () => session.post('Debugger.pause'));
}

setInterval(() => {
  const now = Atomics.load(beats, 0);
  if (now !== heard) {
    if (hold) parentPort.postMessage({ folder: hold.folder, where: hold.where, ms: silent * BEAT_MS });
    heard = now;
    silent = 0;
    hold = undefined;
    return;
  }
  silent += 1;
  if (silent === SAMPLE_LOOKS || silent === GIVE_UP_LOOKS) sample();
  if (!hold) return;
  if (silent === TELL_LOOKS) say('error', 'plugin ' + hold.plugin + ' holds the event loop');
  // The second sample has had its time, and found the same plugin at it.
  if (silent > GIVE_UP_LOOKS + SAMPLE_LOOKS) {
    say('fatal', 'plugin ' + hold.plugin + ' does not give the event loop back: the process ends');
    process.kill(process.pid, 'SIGKILL');
  }
}, BEAT_MS);
`;
