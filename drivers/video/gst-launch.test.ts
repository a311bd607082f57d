import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { type RtspServer, type RtspServerOptions, startRtspServer } from '../../tests/kit/rtsp-server.ts';
import { addonMissing, runtime, skip } from '../../tests/kit/runtime.ts';
import { until } from '../../tests/kit/wait.ts';
import { parseRtspUrl } from './address.ts';
import { backendOf } from './backend.ts';
import type { Fault } from './fault.ts';
import type { VideoFrame } from './frame.ts';
import { openGstLaunch } from './gst-launch.ts';
import type { FrameRate } from './rate.ts';
import { openRelay } from './rtsp-relay.ts';
import { type FrameSource, openSource, type SourceOptions, type Stream } from './source.ts';
import { openSuperficial } from './superficial.ts';

const ball = { codec: 'h264', pattern: 'ball', width: 160, height: 120, fps: 10 } as const;

async function serve(t: TestContext, options: Partial<RtspServerOptions> = {}): Promise<RtspServer> {
  const server = await startRtspServer({ streams: [{ path: '/one', ...ball }], ...options });
  t.after(() => server.stop());
  return server;
}

interface Child {
  pid: number;
  commandLine: string;
}

/** Children of a process that are decoders, as everybody on the machine sees them. */
function decodersOf(parent: number): Child[] {
  const found: Child[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const [state, owner] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(owner) !== parent || state === 'Z' || !stat.includes('(gst-launch')) continue;
      found.push({ pid: Number(pid), commandLine: readFileSync(`/proc/${pid}/cmdline`, 'utf8') });
    } catch {
      // It has gone meanwhile.
    }
  }
  return found;
}

function lives(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !stat.includes(') Z ');
  } catch {
    return false;
  }
}

type Handlers = Pick<SourceOptions, 'onFrame' | 'onEnd'>;

interface Opened {
  source: FrameSource;
  frames: VideoFrame[];
  end(): Fault | undefined;
}

function watch(t: TestContext, open: (on: Handlers) => FrameSource): Opened {
  const frames: VideoFrame[] = [];
  let ended: Fault | undefined;
  const source = open({
    onFrame: (frame) => void frames.push(frame),
    onEnd: (reason) => {
      ended = reason;
    },
  });
  t.after(() => source.stop());
  return { source, frames, end: () => ended };
}

function openUrl(t: TestContext, url: string, filesFolder?: string): Opened {
  const rest = { url, pictures: [], rate: { perSecond: 5 }, ...(filesFolder ? { filesFolder } : {}) };
  return watch(t, (on) => openSource({ ...rest, ...on }, openGstLaunch));
}

async function seen(opened: Opened, count: number): Promise<void> {
  await until(`${count} frames`, () => {
    assert.equal(opened.end(), undefined);
    return opened.frames.length >= count;
  });
}

for (const scheme of ['digest', 'basic'] as const) {
  for (const transport of ['tcp', 'udp'] as const) {
    test(`${scheme} over ${transport}: nothing of a camera stands in a command line, and no sign breaks it`, async (t) => {
      const password = 'p\'"! ! fakesink \\ $(id) #1@b:/%41';
      // A digest names user and path between quotes, where this server knows no others.
      const quote = scheme === 'digest' ? '' : '"';
      const [user, path] = [`ad${quote}min`, `/live/${quote}!'$(id)/ch1`];
      const server = await serve(t, { user, password, scheme, streams: [{ path, ...ball }] });
      const stream: Stream = {
        kind: 'rtsp',
        address: parseRtspUrl(server.url(path)),
        codec: 'h264',
        transport,
      };
      const opened = watch(t, (on) => openGstLaunch(stream, { pictures: [], rate: { perSecond: 5 }, ...on }));
      await seen(opened, 3);
      const [child, ...more] = decodersOf(process.pid);
      assert.ok(child && more.length === 0);
      for (const secret of [user, 'fakesink', '#1@b', 'live', 'ch1', '$(id)', String(server.port)]) {
        assert.ok(!child.commandLine.includes(secret), `${secret} in ${child.commandLine}`);
      }
      assert.match(child.commandLine, /location=rtsp:\/\/127\.0\.0\.1:\d+\/stream\0/);
      await opened.source.stop();
      assert.ok(!lives(child.pid), 'the child is gone once stop resolves');
    });
  }
}

function makeClip(t: TestContext, name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'video-child-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const source = 'videotestsrc num-buffers=20 ! video/x-raw,width=160,height=120,framerate=20/1 ! jpegenc ! avimux';
  execFileSync('sh', ['-c', `gst-launch-1.0 -q ${source} ! fdsink > "$1"`, 'sh', join(folder, name)]);
  return folder;
}

for (const name of ['it\'s ! "fakesink" location=x $(id) ~*é%20;,#?.avi', '-q --version.avi']) {
  test(`a file may be called ${name}`, async (t) => {
    const folder = makeClip(t, name);
    const opened = openUrl(t, `file:${encodeURIComponent(name)}`, folder);
    await seen(opened, 2);
  });
}

test('only our own user gets through a relay', async (t) => {
  if (process.geteuid?.() !== 0) return skip(t, 'only root can become somebody else');
  const server = await serve(t, { user: 'admin', password: 'secret' });
  const relay = await openRelay(parseRtspUrl(server.url('/one')));
  t.after(() => relay.close());
  const script = `
    const socket = require('node:net').connect(${new URL(relay.url.replace('rtsp', 'http')).port}, '127.0.0.1');
    socket.on('error', () => {}).on('close', () => process.stdout.write('closed'));
    socket.on('data', (data) => { process.stdout.write(String(data).slice(0, 15)); socket.destroy(); });
    socket.write('DESCRIBE ${relay.url} RTSP/1.0\\r\\nCSeq: 1\\r\\n\\r\\n');`;
  const asked = async (uid: number): Promise<string> => {
    const child = spawn(process.execPath, ['-e', script], { uid, cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
    let said = '';
    child.stdout.on('data', (text) => {
      said += text;
    });
    await once(child, 'close');
    clearTimeout(timer);
    return said;
  };
  assert.equal(await asked(0), 'RTSP/1.0 200 OKclosed');
  assert.equal(await asked(65534), 'closed');
});

for (const what of ['a camera', 'a frozen camera', 'a file'] as const) {
  test(`the decoder of ${what} does not outlive a killed parent`, async (t) => {
    const args: string[] = [];
    let freeze = (): void => {};
    if (what === 'a file') args.push('file:clip.avi', makeClip(t, 'clip.avi'));
    else {
      const server = await serve(t);
      args.push(server.url('/one'));
      if (what === 'a frozen camera') freeze = () => server.freeze();
    }
    const fixture = join(import.meta.dirname, 'gst-launch.fixture.ts');
    const { command, run } = runtime();
    const parent = spawn(command, [...run, fixture, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => parent.kill('SIGKILL'));
    const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
    assert.equal(line, 'frame');
    const child = await until('the decoder', () => decodersOf(parent.pid!)[0]);
    freeze();
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await until('its end', () => !lives(child.pid), 10_000);
  });
}

for (const [rate, fps, gap] of [
  // 25 frames a second are assumed where the camera does not say: too many would be dropped here.
  [{ everyNth: 5 }, 50, 100],
  // And here too few.
  [{ everyNth: 2 }, 10, 200],
  [{ perSecond: 10 }, 10, 100],
] as [FrameRate, number, number][]) {
  test(`${JSON.stringify(rate)} of ${fps} frames a second that nobody told of: one each ${gap} ms`, async (t) => {
    const server = await serve(t, { streams: [{ path: '/one', ...ball, fps }] });
    const address = parseRtspUrl(server.url('/one'));
    const stream: Stream = { kind: 'rtsp', address, codec: 'h264', transport: 'tcp' };
    const opened = watch(t, (on) => openGstLaunch(stream, { pictures: [], rate, ...on }));
    await until('the rate', () => opened.source.stats().streamFps === fps);
    // The child that follows a replaced one needs a moment.
    await seen(opened, opened.frames.length + 15);
    const from = opened.frames.length;
    await seen(opened, from + Math.ceil(2000 / gap));
    const frames = opened.frames.slice(from - 1);
    const mean = (frames.at(-1)!.pts - frames[0]!.pts) / (frames.length - 1) / 1e6;
    assert.ok(Math.abs(mean / gap - 1) < 0.12, `a frame each ${mean} ms`);
    assert.equal(decodersOf(process.pid).length, 1);
  });
}

test('a decoder that dies is told, and where there is none it is said plainly', async (t) => {
  const server = await serve(t);
  const opened = openUrl(t, server.url('/one'));
  await seen(opened, 2);
  process.kill(decodersOf(process.pid)[0]!.pid, 'SIGKILL');
  assert.equal((await until('the end', opened.end)).code, 'lost');

  for (const [variables, why] of [
    [{ PATH: '/nowhere' }, /gst-launch-1\.0 cannot be started/],
    [{ GST_PLUGIN_SYSTEM_PATH_1_0: '/nowhere', GST_REGISTRY: '/dev/null' }, /no element "/],
  ] as const) {
    const before = { ...process.env };
    Object.assign(process.env, variables);
    const reason = await until('the end', openUrl(t, server.url('/one')).end);
    process.env = before;
    assert.equal(reason.code, 'decode');
    assert.match(reason.message, why);
  }
});

test('the child process stands in where the addon is missing', (t) => {
  assert.equal(backendOf(), addonMissing() ? openGstLaunch : openSuperficial);
  assert.equal(backendOf('process'), openGstLaunch);
  process.env['GATEHOUSE_VIDEO_ADDON'] = 'off';
  t.after(() => delete process.env['GATEHOUSE_VIDEO_ADDON']);
  assert.equal(backendOf(), openGstLaunch);
  assert.equal(backendOf('addon'), openGstLaunch);
});
