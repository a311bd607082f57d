import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Makes a folder with small H.264 clips of test patterns and their index; `damaged` are cut short afterwards. */
export function makeScenes(names: string[], damaged: string[] = []): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-scenes-'));
  const index = names.map((name, i) => {
    const file = join(folder, `${name}.mp4`);
    const words = [
      ...['-q', 'videotestsrc', `pattern=${['ball', 'smpte', 'circular'][i % 3]}`, 'num-buffers=30', '!'],
      ...['video/x-raw,format=I420,width=320,height=180,framerate=20/1', '!'],
      ...['x264enc', 'speed-preset=ultrafast', 'key-int-max=10', '!', 'h264parse', '!', 'mp4mux', '!'],
      ...['filesink', `location=${file}`],
    ];
    execFileSync('gst-launch-1.0', words);
    const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
    if (damaged.includes(name)) truncateSync(file, 1_000);
    const title = name[0]!.toUpperCase() + name.slice(1);
    return { name, title, seconds: 1.5, sha256, width: 320, height: 180, fps: 20 };
  });
  writeFileSync(join(folder, 'index.json'), JSON.stringify(index));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
