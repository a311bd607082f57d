import type { BatchPicture } from './batch.ts';
import { sketch } from './stand-ins.fixture.ts';

/** Pictures of a batch of the crash test: a message of its own size, so that most kills are in the middle of one. */
const PICTURES = 160;

/** The picture that is erased when its batch is done. */
export const REMOVED = 1;

/** The pictures of a batch; every tenth shows nobody. @param ids other ids for the same pictures */
export function batchOf(uuid: string, ids = uuid): BatchPicture[] {
  return Array.from({ length: PICTURES }, (_, at) => ({
    file: `who_${ids}p${at}_123_#_#_here.jpg`,
    bytes: () => sketch(at % 10 === 0 ? [] : [`${uuid} ${at}`], at),
  }));
}
