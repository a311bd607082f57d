import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Registry } from '../plugin/registry.ts';
import { type AppOptions, createApp } from './app.ts';
import { UiGateway, type UiOptions } from './ui.ts';

test('a file of the pages is sent once, also where it is compressed on its way', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-ui-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'page.css'), 'p { margin: 0 }\n'.repeat(100));
  const ui = new UiGateway({ folder, registry: () => new Registry() } as unknown as UiOptions);
  const app = createApp({ ui } as unknown as AppOptions);
  const ask = (headers: Record<string, string>) => app.request('/ui/page.css', { headers });
  for (const [encoding, chosen] of [
    ['identity', null],
    ['gzip, deflate, br', 'gzip'],
  ] as const) {
    const accepted = { 'accept-encoding': encoding };
    const first = await ask(accepted);
    assert.equal(first.status, 200);
    assert.equal(first.headers.get('content-encoding'), chosen);
    const tag = first.headers.get('etag') ?? '';
    for (const known of [tag, `"other", ${tag}`]) {
      const again = await ask({ ...accepted, 'if-none-match': known });
      assert.equal(again.status, 304, known);
      assert.equal((await again.arrayBuffer()).byteLength, 0);
    }
    assert.equal((await ask({ ...accepted, 'if-none-match': 'W/"other"' })).status, 200);
  }
});
