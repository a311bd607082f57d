import { workerData } from 'node:worker_threads';
import { Desk } from './desk.ts';
import { Nearest } from './nearest.ts';
import { Scanner, type ScanSetup } from './scanner.ts';

/** A thread that helps to search. It ends when it is asked to, between two searches. */

const setup = workerData as ScanSetup;
const desk = new Desk(setup.memory, setup.head);
const scanner = new Scanner(setup);

for (let task = desk.awaitTask(setup.thread); task; task = desk.awaitTask(setup.thread)) {
  const nearest = new Nearest(task.most);
  scanner.run(task, nearest);
  desk.tell(setup.thread, nearest.found);
}
