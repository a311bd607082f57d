import { z } from 'zod';
import { localToInstant } from '../../core/clock.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { given, int, intOf, list, localTime, paging, text } from '../../core/gateway/lenient.ts';
import type { CaptureFilter } from './records.ts';

/** What the messages ask for captures by. */

type AliveType = 0 | 1 | 2;

const ALL_ALIVE_TYPES: readonly AliveType[] = [0, 1, 2];
/** Captures found not alive are compared with nobody. */
const ALIVE_TYPES_OF_ALARMS: readonly AliveType[] = [0, 2];

const aliveTypes = list({ min: 1, max: 20 })
  .pipe(z.array(z.enum(['0', '1', '2'])))
  .transform((types) => types.map((type) => Number(type) as AliveType));

const databaseIds = list({ min: 1, max: 1000 })
  .pipe(z.array(z.string().regex(/^\d{1,15}$/, 'must be numbers of databases')))
  .transform((ids) => ids.map(Number));

/** Captures of either kind. @param most rows of a page */
export const captureFields = (most: number) => ({
  channel: given(int({ min: 1, max: 32 })),
  start_time: given(localTime()),
  stop_time: given(localTime()),
  ...paging(most),
});

const libraryFields = {
  lib_name: given(text({ max: 100 })),
  lib_type: given(intOf([1, 2])),
  alive_type: given(aliveTypes),
};

/** 1037, 1040 */
export const faceQuestion = (most: number) => z.object({ ...captureFields(most), ...libraryFields });

/** 1036, 1039; `lib_ids` is asked for by the one and not by the other: without it, all databases are meant. */
export const alarmQuestion = (most: number) =>
  z.object({ ...captureFields(most), ...libraryFields, lib_ids: given(databaseIds) });

type AskedTime = { start_time?: string | undefined; stop_time?: string | undefined };
type AskedFaces = z.output<ReturnType<typeof faceQuestion>>;
type AskedAlarms = z.output<ReturnType<typeof alarmQuestion>>;

export function faceFilter(asked: AskedFaces, zone: string): CaptureFilter {
  return { ...filterOf(asked, asked.alive_type ?? ALL_ALIVE_TYPES, zone), kind: 'face' };
}

export function alarmFilter(asked: AskedAlarms, zone: string): CaptureFilter {
  const filter = filterOf(asked, asked.alive_type ?? ALIVE_TYPES_OF_ALARMS, zone);
  return { ...filter, libIds: asked.lib_ids, recognised: true };
}

function filterOf(asked: AskedFaces, types: readonly AliveType[], zone: string): CaptureFilter {
  return {
    channel: asked.channel,
    ...range(asked, zone),
    libName: asked.lib_name,
    libType: asked.lib_type,
    // All of them are no restriction.
    aliveTypes: new Set(types).size === ALL_ALIVE_TYPES.length ? undefined : types,
  };
}

/**
 * The range in ms; the second of `stop_time` is part of it. Of the hour that autumn repeats it begins in the first and ends in
 * the last: whoever asks hour by hour, or for the last minutes, misses nothing.
 */
export function range(asked: AskedTime, zone: string): Pick<CaptureFilter, 'from' | 'to'> {
  const { start_time: start, stop_time: stop } = asked;
  if (start !== undefined && stop === undefined) {
    throw new ContractError(CODE.wrongParameter, 'stop_time must be given when start_time is given');
  }
  const from = start === undefined ? undefined : localToInstant(start, zone);
  const to = stop === undefined ? undefined : localToInstant(stop, zone, 'last') + 1000;
  if (from !== undefined && to !== undefined && from >= to) {
    throw new ContractError(CODE.wrongParameter, 'stop_time lies before start_time');
  }
  return { from, to };
}
