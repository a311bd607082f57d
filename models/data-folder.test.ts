import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { consoleDataFolder } from './data-folder.ts';

test('commands of the console find the data of the box that is installed from their program', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-console-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [program, other, linked] = ['program', 'other', 'linked'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(program);
  mkdirSync(other);
  symlinkSync(program, linked);
  const service = join(folder, 'gatehouse.service');
  assert.equal(consoleDataFolder({}, service, program), join(program, 'data'), 'nothing is installed');
  // The service as it is installed.
  const unit = readFileSync(resolve(import.meta.dirname, '../system/systemd/gatehouse.service'), 'utf8');
  writeFileSync(service, unit.replaceAll('@PROGRAM@', program));
  assert.equal(consoleDataFolder({}, service, program), '/var/lib/gatehouse');
  assert.equal(consoleDataFolder({}, service, linked), '/var/lib/gatehouse');
  assert.equal(consoleDataFolder({}, service, other), join(other, 'data'), 'another program is installed');
  assert.equal(consoleDataFolder({ GATEHOUSE_DATA_DIR: '/elsewhere' }, service, program), '/elsewhere');
});
