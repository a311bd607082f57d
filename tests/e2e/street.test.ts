import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import sharp from 'sharp';
import { asset, assetFolder } from '../kit/assets.ts';
import { startBox, type TestBox } from '../kit/box.ts';
import { openPage, screenshot, signIn, startBrowser } from '../kit/browser.ts';
import { type RtspServer, startRtspServer } from '../kit/rtsp-server.ts';
import { until } from '../kit/wait.ts';
import { WireClient } from '../kit/wire-client.ts';

/** The main job: real video in over RTSP; records, pictures, pushes and pages out. */

interface CameraRow {
  channel: number;
  status: number;
  url: string;
}
interface Page<T> {
  record: T[];
  result_num: number;
  total_num: number;
}
interface BodyRow {
  snap_id: string;
  snap_path: string;
  trigger: string;
  channel: number;
  camera_name: string;
  quality: number;
}

const CAMERA = {
  camera_mode: 'VIDEO',
  protocol: 'rtsp',
  threshold: 75,
  snap_mode: 1,
  task_type: 'face,body',
};

describe('the street', { skip: assetFolder() ? false : 'needs models and videos: set GATEHOUSE_TEST_ASSETS' }, () => {
  let box: TestBox;
  let server: RtspServer;
  let client: WireClient;

  const status = async (channel: number) =>
    (await box.call<{ camera: CameraRow[] }>(516)).data.camera.find((camera) => camera.channel === channel)?.status;

  before(async () => {
    box = await startBox({ models: `${assetFolder()}/models` });
    await box.login();
  });
  after(async () => {
    client?.close();
    await server?.stop();
    await box?.stop();
  });

  test('six people come and go: six captures, six pushes, pictures, pages', async (t) => {
    const video = asset(t, 'media', 'video', 'one-by-one-person-detection.mp4');
    if (!video) return;
    server = await startRtspServer({ streams: [{ path: '/one', file: video, codec: 'h264', loop: false }] });
    client = await WireClient.connect(box.url, '/ws/');
    await client.subscribe((await box.call<{ key: string }>(1286)).data.key);

    const added = await box.call<{ channel: number }>(513, { ...CAMERA, camera_name: 'Door', url: server.url('/one') });
    assert.equal(added.code, 0, added.msg);
    const { channel } = added.data;
    const began = Date.now();
    await until('the camera to be online', async () => (await status(channel)) === 1, 15_000);

    await t.test('the page shows live boxes on the frames they belong to', async () => {
      const browser = await startBrowser();
      try {
        const { page, errors } = await openPage(browser, 'desktop');
        await signIn(page, box);
        await page.goto(`${box.url}/#/live`);
        await page.waitForSelector('canvas');
        await screenshot(page, 'live-desktop');
        assert.deepEqual(errors, []);
      } finally {
        await browser.close();
      }
    });

    // The file plays once in real time; the sixth person leaves after 135.5 s. Faces are pushed too.
    const bodyPushes = () => client.pushes().filter((push) => (push['data'] as { obj_label: number }).obj_label === 2);
    await until('six pushes of bodies', () => bodyPushes().length >= 6, 200_000);
    await until(
      'the end of the file',
      async () => Date.now() - began > 139_000 || (await status(channel)) === 0,
      60_000,
    );

    const bodies = await box.call<Page<BodyRow>>(1046, { channel, qry_len: 50 });
    assert.equal(bodies.code, 0);
    assert.equal(bodies.data.total_num, 6, 'one capture for each of the six people');
    assert.equal(bodies.data.result_num, 6);
    const times = bodies.data.record.map((row) => row.trigger);
    assert.deepEqual(times, [...times].sort().reverse(), 'newest first');
    const perPage = await box.call<Page<BodyRow>>(1046, { start_no: '2', qry_len: '3' });
    assert.deepEqual(
      perPage.data.record.map((row) => row.snap_id),
      bodies.data.record.slice(1, 4).map((row) => row.snap_id),
    );

    for (const row of bodies.data.record) {
      assert.equal(row.camera_name, 'Door');
      assert.match(row.snap_path, new RegExp(`^record/channel${channel}/body/\\d+_\\d+\\.jpg$`));
      const picture = await fetch(`${box.url}/ws/${row.snap_path}`, { headers: { sessionid: box.sessionId } });
      assert.equal(picture.status, 200);
      const { width = 0, height = 0 } = await sharp(new Uint8Array(await picture.arrayBuffer())).metadata();
      assert.ok(height > 150 && width > 50, `${width}x${height}`);
    }

    const pushes = bodyPushes();
    assert.deepEqual(
      pushes.map((push) => (push['data'] as { snap_id: string }).snap_id).sort(),
      bodies.data.record.map((row) => row.snap_id).sort(),
      'every record is pushed once',
    );
    for (const push of pushes) {
      assert.equal(push['code'], 0);
      const body = push['data'] as Record<string, unknown>;
      for (const field of ['snap_buf', 'snap_frame']) {
        const uri = String(body[field]);
        assert.ok(uri.startsWith('data:image/jpeg;base64,'), field);
        const image = await sharp(Buffer.from(uri.split(',')[1] ?? '', 'base64')).metadata();
        if (field === 'snap_frame') assert.deepEqual([image.width, image.height], [768, 432]);
      }
      assert.match(String(body['trigger']), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
      assert.ok(Number(body['ora_pos_right']) > Number(body['ora_pos_left']));
      assert.equal(body['img'], -1);
    }

    await t.test('deleting removes rows and files', async () => {
      const [first, ...rest] = bodies.data.record;
      assert.ok(first);
      assert.equal((await box.call(2129, { catch_ids: first.snap_id, type: 1 })).code, 0);
      assert.equal((await box.call(2129, { catch_ids: first.snap_id, type: 1 })).code, -105);
      const gone = await fetch(`${box.url}/ws/${first.snap_path}`, { headers: { sessionid: box.sessionId } });
      assert.equal(gone.status, 404);
      assert.equal((await box.call<Page<BodyRow>>(1046)).data.total_num, rest.length);
      assert.equal((await box.call(514, { channel })).code, 0);
      assert.equal((await box.call<Page<BodyRow>>(1046)).data.total_num, rest.length, 'history outlives its camera');
      assert.equal((await box.call(1045)).code, 0);
      assert.equal((await box.call<Page<BodyRow>>(1046)).data.total_num, 0);
    });
  });

  test('a camera whose server goes is offline within 5 s and back within 10 s', async (t) => {
    const video = asset(t, 'media', 'video', 'one-by-one-person-detection.mp4');
    if (!video) return;
    const own = await startRtspServer({ streams: [{ path: '/loop', file: video, codec: 'h264', loop: true }] });
    try {
      const added = await box.call<{ channel: number }>(513, { ...CAMERA, camera_name: 'Yard', url: own.url('/loop') });
      const { channel } = added.data;
      await until('online', async () => (await status(channel)) === 1, 15_000);
      await own.kill();
      await until('offline', async () => (await status(channel)) === 0, 5_000);
      await own.restart();
      await until('online again', async () => (await status(channel)) === 1, 10_000);
      assert.equal((await box.call(514, { channel })).code, 0);
    } finally {
      await own.stop();
    }
  });

  test('cameras that cannot be reached say why', async () => {
    const guarded = await startRtspServer({
      streams: [{ path: '/one', pattern: 'ball', codec: 'h264', width: 320, height: 240, fps: 10 }],
      user: 'root',
      password: 'Cam-secret-1',
    });
    try {
      const url = new URL(guarded.url('/one'));
      url.username = 'root';
      url.password = 'wrong-secret';
      for (const [address, reason] of [
        [String(url), /user|password|unauthor/i],
        ['rtsp://127.0.0.1:9/none', /refused|nobody|connect/i],
      ] as const) {
        const { data, code, msg } = await box.call<{ channel: number }>(513, {
          ...CAMERA,
          camera_name: 'Lost',
          url: address,
        });
        assert.equal(code, 0, msg);
        const state = await until('a reason', async () => {
          const { body } = await box.rest<{ cameras: { channel: number; status: { reason?: { message: string } } }[] }>(
            'GET',
            '/p/cameras/cameras',
          );
          return body.cameras.find((camera) => camera.channel === data.channel)?.status.reason?.message;
        });
        assert.match(state, reason);
        assert.equal((await box.call(514, { channel: data.channel })).code, 0);
      }
      assert.ok(!box.output.includes('wrong-secret'), 'the log holds no camera password');
    } finally {
      await guarded.stop();
    }
  });
});
