import { z } from 'zod';
import { CODE, ContractError } from '../../../core/gateway/errors.ts';
import { given, text } from '../../../core/gateway/lenient.ts';
import { type Call, type MessageDefinition, message } from '../../../core/plugin/contract.ts';
import type { BatchPicture } from '../batch.ts';
import { BATCH_MS } from '../batches.ts';
import { bytesOfBase64, CHANGE, libId, type MessageParts } from './fields.ts';

/** As many parts as a form may have. */
const MOST_PICTURES = 2_000;
const PATIENCE_MS = BATCH_MS + 60_000;

const common = { lib_id: libId, uuid: given(text({ max: 200 })) };

/** Messages 1030 and 1052: many pictures at once, one batch after the other. */
export function batchMessages({ batches, quality }: MessageParts): MessageDefinition[] {
  const enrol = async (asked: { lib_id: number; uuid?: string | undefined }, pictures: BatchPicture[], call: Call) => {
    call.remark(`database ${asked.lib_id}`);
    const sent = { libId: asked.lib_id, uuid: asked.uuid ?? '', quality: quality(), pictures };
    const { refused, listPath } = await batches.enrol(sent);
    call.remark(`${pictures.length - refused} of ${pictures.length} enrolled`);
    return { err_count: refused, url: listPath };
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
