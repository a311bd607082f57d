import { parentPort, workerData } from 'node:worker_threads';
import { Nearest } from './nearest.ts';
import { Scanner, type ScanSetup, type ScanTask } from './scanner.ts';

/** A thread that helps to search. It ends when it is asked to, between two searches. */

const scanner = new Scanner(workerData as ScanSetup);

parentPort?.on('message', (task: ScanTask | 'end') => {
  // Of a thread this ends no more than the thread.
  if (task === 'end') process.exit(0);
  const nearest = new Nearest(task.most);
  scanner.run(task, nearest);
  parentPort?.postMessage(nearest.found);
});
