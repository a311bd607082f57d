import { z } from 'zod';
import { given, intOf, text } from '../../core/gateway/lenient.ts';
import { MASK } from '../../core/plugin/config.ts';
import { type MessageDefinition, message } from '../../core/plugin/contract.ts';
import type { ImageChoice } from './images.ts';
import { type Receivers, shownUrl } from './receivers.ts';
import { CHANGE, SEE } from './rights.ts';
import { addTarget, type TargetChange } from './shapes.ts';
import type { TargetRow } from './tables.ts';
import type { Targets } from './targets.ts';

const choice = given(intOf([0, 1]));
const flag = (value: 0 | 1 | undefined) => (value === undefined ? undefined : value === 1);

/** The one receiver that clients know, and which pictures are pushed. */
export function messages(parts: { receivers: Receivers; targets: Targets; images: ImageChoice }): MessageDefinition[] {
  const { receivers, targets, images } = parts;
  return [
    message({
      id: 1299,
      name: 'query the http push target',
      access: SEE,
      request: z.object({}),
      handle: (_, { caller }) => {
        const target = targets.wire();
        return { key: target?.sealedKey ? MASK : '', url: target ? shownUrl(target.url, caller) : '' };
      },
    }),
    message({
      id: 1298,
      name: 'set the http push target',
      access: CHANGE,
      request: z.object({ url: text({ max: 500 }), key: text({ max: 200 }) }),
      handle: async ({ url, key }, call) => {
        const before = targets.wire();
        if (url.trim() === '') {
          if (before) await receivers.remove(before.id);
          call.remark('no receiver');
          return;
        }
        call.remark(targets.address(url).host);
        if (before) await receivers.change(before.id, { url, key, enabled: true, ...trustAnew(before, url, targets) });
        else await receivers.add(addTarget.parse({ url, key }), true);
      },
    }),
    message({
      id: 1361,
      name: 'query which images are pushed',
      access: SEE,
      request: z.object({}),
      handle: () => ({
        push_snap_img: Number(images.wanted('snap')),
        push_frame_img: Number(images.wanted('frame')),
        push_compared_img: Number(images.wanted('library')),
      }),
    }),
    message({
      id: 1360,
      name: 'set which images are pushed',
      access: CHANGE,
      request: z.object({ push_snap_img: choice, push_frame_img: choice, push_compared_img: choice }),
      handle: ({ push_snap_img, push_frame_img, push_compared_img }) =>
        images.change({
          snap: flag(push_snap_img),
          frame: flag(push_frame_img),
          library: flag(push_compared_img),
        }),
    }),
  ];
}

/** A certificate that was pinned is that of one receiver: another one proves anew who it is. */
function trustAnew(before: TargetRow, url: string, targets: Targets): TargetChange {
  const same = new URL(before.url).origin === targets.address(url).origin;
  return same ? {} : { trust: 'system', fingerprint: null };
}
