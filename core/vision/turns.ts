/**
 * Whose turn it is: of those with something to do, the camera whose last turn is the longest ago; undefined where nobody
 * has. So turns are even whatever the rates: a camera that asks for less than its part is served at once and loses
 * nothing, the others share what is left. The age of the waiting frame must not count: a camera with many frames
 * always has a young one and would wait for ever.
 */
export function nextRunner<R extends { ready: boolean; lastTurn: number }>(runners: Iterable<R>): R | undefined {
  let next: R | undefined;
  for (const runner of runners) {
    if (runner.ready && (!next || runner.lastTurn < next.lastTurn)) next = runner;
  }
  return next;
}
