import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { skip } from './runtime.ts';

const repo = resolve(import.meta.dirname, '../..');

/** Folder with `models/` and `media/` for tests on real assets, or undefined where there is none. */
export function assetFolder(): string | undefined {
  const named = process.env['GATEHOUSE_TEST_ASSETS'];
  if (named) return resolve(named);
  const beside = resolve(repo, '../shared');
  return existsSync(join(beside, 'models')) ? beside : undefined;
}

/**
 * Path of one asset. Where assets are absent the test is skipped with a reason; where GATEHOUSE_TEST_ASSETS
 * names a folder, a missing model, photo or video is a failure, so that CI cannot pass by skipping. The interface
 * reference (`reference/`) may stay away.
 */
export function asset(t: TestContext, ...path: string[]): string | undefined {
  const folder = assetFolder();
  if (folder) {
    const file = join(folder, ...path);
    if (existsSync(file)) return file;
    const promised = path[0] === 'models' || path[0] === 'media';
    if (promised && process.env['GATEHOUSE_TEST_ASSETS']) throw new Error(`test asset is missing: ${file}`);
  }
  skip(t, `test asset ${path.join('/')} is not here; set GATEHOUSE_TEST_ASSETS`);
  return undefined;
}
