import { z } from 'zod';
import { CODE, ContractError } from '../../../core/gateway/errors.ts';
import { given, text } from '../../../core/gateway/lenient.ts';
import { type Call, type MessageDefinition, message } from '../../../core/plugin/contract.ts';
import { exportKey } from '../../../core/plugin/face-services.ts';
import { type BatchPicture, type BatchResult, enrolBatch, resultList } from '../batch.ts';
import { bytesOfBase64, CHANGE, libId, type MessageParts } from './fields.ts';

/** As many parts as a form may have. */
const MOST_PICTURES = 2_000;
/** What has not begun by then is refused; the answer has to get through to a client that still waits. ms */
const BATCH_MS = 9 * 60 * 1000;
const PATIENCE_MS = BATCH_MS + 60_000;
/** Batches that wait for the one that is running; their pictures are held in memory. */
const MOST_WAITING = 4;

const common = { lib_id: libId, uuid: given(text({ max: 200 })) };

/** Messages 1030 and 1052: many pictures at once, one batch after the other. */
export function batchMessages(parts: MessageParts): MessageDefinition[] {
  const { library, clock, quality, failed } = parts;
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  const inTurn = async <T>(act: () => Promise<T>): Promise<T> => {
    if (waiting > MOST_WAITING) {
      throw new ContractError(CODE.unknownError, 'too many batches are waiting: try again later');
    }
    waiting += 1;
    const done = last.then(act).finally(() => {
      waiting -= 1;
    });
    last = done.catch(() => {});
    return done;
  };

  const enrol = async (asked: { lib_id: number; uuid?: string | undefined }, pictures: BatchPicture[], call: Call) => {
    call.remark(`database ${asked.lib_id}`);
    library.needDatabase(asked.lib_id);
    if (pictures.length === 0) throw new ContractError(CODE.wrongParameter, 'no picture was sent');
    const results = await inTurn(() =>
      enrolBatch(library, pictures, {
        libId: asked.lib_id,
        quality: quality(),
        now: () => clock.steady(),
        limitMs: BATCH_MS,
        failed: (error) => failed(error, 'a picture of a batch could not be enrolled'),
      }),
    );
    const refused = results.filter(({ code }) => code !== CODE.ok).length;
    call.remark(`${results.length - refused} of ${results.length} enrolled`);
    return { err_count: refused, url: await listed(parts, asked, results) };
  };

  return [
    message({
      id: 1030,
      name: 'add face images',
      access: CHANGE,
      patience: PATIENCE_MS,
      request: z.object(common),
      handle: (asked, call) => {
        const files = [...call.files].filter(([part]) => part.startsWith('img'));
        const pictures = files.map(([, { name, bytes }]) => ({ file: name, bytes: () => bytes }));
        return enrol(asked, pictures, call);
      },
    }),
    message({
      id: 1052,
      name: 'add face images (base64)',
      access: CHANGE,
      patience: PATIENCE_MS,
      // What is wrong with one picture is told in its row of the list.
      request: z.object({ ...common, imgs: z.array(z.unknown()).min(1).max(MOST_PICTURES) }),
      handle: (asked, call) => enrol(asked, asked.imgs.map(sentPicture), call),
    }),
  ];
}

function sentPicture(sent: unknown, at: number): BatchPicture {
  const { filename, data } = (typeof sent === 'object' && sent !== null ? sent : {}) as Record<string, unknown>;
  return {
    file: typeof filename === 'string' && !filename.includes('\0') ? filename : `${at + 1}.jpg`,
    bytes: () => {
      if (typeof data !== 'string') throw new ContractError(CODE.wrongParameter, 'data must be base64 text');
      return bytesOfBase64(data);
    },
  };
}

/** Path of the list of results; '' where none could be made: the pictures are in all the same. */
async function listed(
  { library, exports, failed }: MessageParts,
  { lib_id, uuid }: { lib_id: number; uuid?: string | undefined },
  results: readonly BatchResult[],
): Promise<string> {
  const enrolled = results.filter(({ code }) => code === CODE.ok);
  // Names of files are names of people: the list goes with them.
  const shows = enrolled.map(({ imgId }) => exportKey(lib_id, imgId));
  // A batch takes minutes: whoever was erased meanwhile must not be named again.
  const told = results.map((one) =>
    one.code !== CODE.ok || library.get(lib_id, one.imgId) ? one : { ...one, file: '', imgId: '' },
  );
  const name = (uuid ?? '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .slice(0, 60);
  try {
    const file = await exports()?.file(`image_${name}.csv`, 'people', resultList(told), shows);
    return file?.path ?? '';
  } catch (error) {
    failed(error, 'the list of results of a batch could not be made');
    return '';
  }
}
