import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import type { ClipTruth } from '../../models/training/render/types.ts';
import type { CaptureView } from '../../plugins/captures/view.ts';
import type { TestBox } from '../kit/box.ts';
import { until } from '../kit/wait.ts';
import type { SeenFrame } from './align.ts';

/** The scenes that come with the box. */
export const SCENES = join(import.meta.dirname, '../../plugins/demo-site/scenes');

export async function truthOf(scene: string): Promise<ClipTruth> {
  return JSON.parse(await readFile(join(SCENES, `${scene}.json`), 'utf8')) as ClipTruth;
}

interface CameraList {
  cameras: { status: { channel: number; state: string; framesAnalysed: number } }[];
}

interface SiteView {
  scenes: { name: string; channel?: number }[];
}

/** Has the demo site show these scenes and no others. @returns their channels, once frames of all are analysed. */
export async function showScenes(box: TestBox, names: string[]): Promise<Map<string, number>> {
  const started = await box.rest<SiteView>('POST', '/p/demo-site/start', { scenes: names });
  if (started.status !== 200) throw new Error(`the scenes were not started: ${JSON.stringify(started.body)}`);
  const channels = new Map<string, number>();
  await until(
    `the scenes ${names.join(', ')} to be analysed`,
    async () => {
      const { body } = await box.rest<SiteView>('GET', '/p/demo-site/site');
      const { body: list } = await box.rest<CameraList>('GET', '/p/cameras/cameras');
      for (const { name, channel } of body.scenes) if (names.includes(name) && channel) channels.set(name, channel);
      const statuses = new Map(list.cameras.map(({ status }) => [status.channel, status]));
      return names.every((name) => {
        const status = statuses.get(channels.get(name) ?? 0);
        return status?.state === 'online' && status.framesAnalysed > 5;
      });
    },
    60_000,
  );
  return channels;
}

/** Takes what the box draws on a channel for so long, as a page gets it. */
export async function watchChannel(box: TestBox, channel: number, seconds: number): Promise<SeenFrame[]> {
  const socket = new WebSocket(`${box.url.replace('http', 'ws')}/live`, { headers: { sessionid: box.sessionId } });
  const seen: SeenFrame[] = [];
  socket.on('message', (data) => {
    const { data: frame } = JSON.parse(String(data)) as {
      data?: { time: number; overlay?: SeenFrame['boxes'] };
    };
    if (frame?.overlay) seen.push({ time: frame.time, boxes: frame.overlay });
  });
  try {
    await until('the page to be connected', () => socket.readyState === WebSocket.OPEN);
    socket.send(JSON.stringify({ op: 'subscribe', id: channel, topic: 'cameras.boxes', params: { channel } }));
    await until('the first frame', () => seen.length > 0, 20_000);
    await sleep(seconds * 1000);
  } finally {
    socket.terminate();
  }
  return seen;
}

/** Captures of a channel from one moment to another, oldest first. */
export async function capturesOf(box: TestBox, channel: number, from: number, to: number): Promise<CaptureView[]> {
  const records: CaptureView[] = [];
  let before = '';
  do {
    const path = `/p/captures/captures?channel=${channel}&from=${Math.floor(from)}&to=${Math.ceil(to)}&limit=200${before}`;
    const { status, body } = await box.rest<{ records: CaptureView[]; next: string | null }>('GET', path);
    if (status !== 200) throw new Error(`captures could not be read: ${JSON.stringify(body)}`);
    records.push(...body.records);
    before = body.next ? `&before=${body.next}` : '';
  } while (before);
  return records.reverse();
}
