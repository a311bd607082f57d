import { instantToLocal } from '../../core/clock.ts';
import { capturePush, type PushedCapture, type PushSettings, recognised } from '../../core/events/push-body.ts';
import type { OutMessage, OutPicture, PicturePart } from '../../core/plugin/push-services.ts';
import { Form } from './form.ts';
import type { TargetRow } from './tables.ts';

/** Parts of the form by what they show, in the order they are sent. */
const PARTS = { snap: 'snap', library: 'img', frame: 'snap_frame', plate: 'vehicle_num_img' } as const;

const TYPES: Record<string, string> = { png: 'image/png', bmp: 'image/bmp', tif: 'image/tiff', tiff: 'image/tiff' };

/** Whether a message is one for a receiver. Everything else (alarms, visits) has no form in the interface's pushes. */
export function wantedBy(
  { kinds, recognisedOnly, channels, demo }: Pick<TargetRow, 'kinds' | 'recognisedOnly' | 'channels' | 'demo'>,
  { topic, channel, body, origin }: Pick<OutMessage, 'topic' | 'channel' | 'body' | 'origin'>,
): boolean {
  if (topic !== 'capture' || (origin === 'demo' && !demo)) return false;
  const capture = body as unknown as PushedCapture;
  if (!kinds.includes(capture.kind)) return false;
  if (channels.length > 0 && (channel === undefined || !channels.includes(channel))) return false;
  return !recognisedOnly || capture.kind !== 'face' || recognised(capture) !== undefined;
}

/**
 * A capture in the form of message 774: `key`, `json` and its pictures. Receivers that find one of `snap` and
 * `snap_frame` want the other as well, so one that is not sent or is gone is there as an empty file.
 * @param read bytes of a picture, undefined where it is gone
 * @param wanted which pictures are sent (1360)
 */
export async function captureForm(
  { body, pictures }: Pick<OutMessage, 'body' | 'pictures'>,
  key: string,
  settings: PushSettings,
  read: (path: string) => Promise<Uint8Array | undefined>,
  wanted: (part: PicturePart) => boolean,
): Promise<Form> {
  const capture = body as unknown as PushedCapture;
  // A picture is a file here; the number that says "none" belongs to the WebSocket.
  const { img: _, ...data } = capturePush(capture, settings);
  const form = new Form().text('key', key).text('json', JSON.stringify({ msg_id: 774, data }));
  const found: Partial<Record<OutPicture['part'], { path: string; bytes: Uint8Array }>> = {};
  const sent = pictures.filter(
    // A plate is a part of what is captured.
    ({ part, path }) =>
      wanted(part === 'plate' ? 'snap' : part) && (part !== 'library' || recognised(capture)?.imagePath === path),
  );
  // Side by side: a file is read in many small steps, and a backlog waits for each of them.
  const all = await Promise.all(sent.map(async ({ part, path }) => ({ part, path, bytes: await read(path) })));
  for (const { part, path, bytes } of all) if (bytes) found[part] = { path, bytes };
  const any = Object.keys(found).length > 0;
  for (const part of ['snap', 'library', 'frame', 'plate'] as const) {
    const picture = found[part];
    if (!picture && (part === 'library' || part === 'plate' || !any)) continue;
    const ending = /\.([a-z]+)$/.exec(picture?.path ?? '')?.[1] ?? 'jpg';
    const type = TYPES[ending] ?? 'image/jpeg';
    form.file(PARTS[part], `${PARTS[part]}.${ending}`, type, picture?.bytes ?? new Uint8Array());
  }
  return form;
}

/** The heartbeat (775): `key` and `json`, no files. */
export function heartbeatForm(key: string, { deviceId, zone }: PushSettings, now: number): Form {
  const data = { device_id: deviceId, trigger: instantToLocal(now, zone) };
  return new Form().text('key', key).text('json', JSON.stringify({ msg_id: 775, data }));
}
