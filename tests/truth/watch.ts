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

interface SiteView {
  scenes: { name: string; channel?: number }[];
}

/** Has the demo site show one scene alone. @returns its channel, once frames of it are analysed. */
export async function showScene(box: TestBox, scene: string): Promise<number> {
  const started = await box.rest<SiteView>('POST', '/p/demo-site/start', { scenes: [scene] });
  if (started.status !== 200) throw new Error(`the scene ${scene} was not started: ${JSON.stringify(started.body)}`);
  let channel = 0;
  await until(
    `the scene ${scene} to be analysed`,
    async () => {
      const { body } = await box.rest<SiteView>('GET', '/p/demo-site/site');
      channel = body.scenes.find(({ name }) => name === scene)?.channel ?? 0;
      const { body: list } = await box.rest<{
        cameras: { status: { channel: number; state: string; framesAnalysed: number } }[];
      }>('GET', '/p/cameras/cameras');
      const status = list.cameras.map((one) => one.status).find((one) => one.channel === channel);
      return channel > 0 && status?.state === 'online' && status.framesAnalysed > 5;
    },
    60_000,
  );
  return channel;
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
