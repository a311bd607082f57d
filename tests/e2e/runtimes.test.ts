import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { assetFolder } from '../kit/assets.ts';
import { startBox } from '../kit/box.ts';
import { startRtspServer } from '../kit/rtsp-server.ts';
import { LANES, runtime } from '../kit/runtime.ts';
import { until } from '../kit/wait.ts';
import { WireClient } from '../kit/wire-client.ts';

const skip = assetFolder() ? false : 'needs models and videos: set GATEHOUSE_TEST_ASSETS';

/** The same source under the other runtimes: core, every plugin, and one real capture out of the process backend. */
for (const lane of LANES) {
  test(`under ${lane} all plugins run, and a real camera becomes a record, a picture and a push`, {
    skip,
  }, async () => {
    const box = await startBox({ lane, models: `${assetFolder()}/models` });
    const file = `${assetFolder()}/media/video/one-by-one-person-detection.mp4`;
    const server = await startRtspServer({ streams: [{ path: '/one', file, codec: 'h264', loop: true }] });
    try {
      assert.ok(box.child.pid);
      assert.equal(readlinkSync(`/proc/${box.child.pid}/exe`), runtime(lane).command);
      await box.login();
      const { plugins } = (await box.rest<{ plugins: { id: string; state: string }[] }>('GET', '/healthz')).body;
      assert.ok(plugins.length >= 9);
      assert.deepEqual(
        plugins.filter(({ state }) => state !== 'RUNNING'),
        [],
      );
      const client = await WireClient.connect(box.url, '/ws/');
      await client.subscribe((await box.call<{ key: string }>(1286)).data.key);
      const camera = { camera_mode: 'VIDEO', protocol: 'rtsp', threshold: 75, snap_mode: 3, task_type: 'body' };
      const added = await box.call(513, { ...camera, camera_name: 'Door', url: server.url('/one') });
      assert.equal(added.code, 0, added.msg);
      const push = await until('a push', () => client.pushes()[0], 60_000);
      const { snap_id: id, snap_buf: picture } = push['data'] as Record<string, string>;
      assert.ok(picture?.startsWith('data:image/jpeg;base64,'));
      const { data } = await box.call<{ record: { snap_id: string; snap_path: string }[] }>(1046);
      const record = data.record.find((row) => row.snap_id === id);
      assert.ok(record, 'what was pushed is stored');
      const stored = await fetch(`${box.url}/ws/${record.snap_path}`, { headers: { sessionid: box.sessionId } });
      assert.equal(stored.headers.get('content-type'), 'image/jpeg');
      assert.deepEqual([...new Uint8Array(await stored.arrayBuffer()).subarray(0, 2)], [0xff, 0xd8]);
      client.close();
      assert.equal(await box.stop(), 0, 'it stops cleanly');
    } finally {
      await server.stop();
      await box.stop('SIGKILL');
    }
  });
}
