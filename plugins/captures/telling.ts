import { exportKey } from '../../core/plugin/face-services.ts';
import type { OutMessage, OutPicture } from '../../core/plugin/push-services.ts';
import type { CaptureRecord } from '../../core/plugin/services.ts';

/** The name under which what is told of a capture is known, so that it goes when the capture is erased. */
export function captureKey(id: string): string {
  return `capture/${id}`;
}

/** What other systems hear of a capture. */
export function captureMessage({ crop: _crop, frame: _frame, ...record }: CaptureRecord): OutMessage {
  const { id, time, channel, origin, match } = record;
  const pictures: OutPicture[] = [
    { part: 'snap', path: record.cropPath },
    { part: 'frame', path: record.framePath },
  ];
  if (match?.imagePath) pictures.push({ part: 'library', path: match.imagePath });
  return {
    id,
    topic: 'capture',
    time,
    channel,
    ...(origin ? { origin } : {}),
    body: record,
    pictures,
    shows: [captureKey(id), ...(match ? [exportKey(match.libraryId, match.imageId)] : [])],
  };
}
