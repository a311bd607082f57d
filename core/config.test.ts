import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigError, loadConfig } from './config.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'gatehouse-config-'));

test('defaults, file, environment: the later wins', () => {
  const data = folder();
  assert.equal(loadConfig({ GATEHOUSE_DATA_DIR: data }).httpsPort, 8443);
  assert.equal(loadConfig({ GATEHOUSE_DATA_DIR: data }, true).httpsPort, 443);
  writeFileSync(join(data, 'gatehouse.json'), '{"httpPort": 9000, "analysisRate": 3}');
  const config = loadConfig({ GATEHOUSE_DATA_DIR: data, GATEHOUSE_HTTP_PORT: '9001', GATEHOUSE_DEMO: '0' });
  assert.equal(config.httpPort, 9001);
  assert.equal(config.analysisRate, 3);
  assert.equal(config.demo, false);
  assert.equal(config.protocol, 'https');
  assert.equal(config.dataFolder, data);
});

test('a wrong value is named, in the words of who set it', () => {
  const data = folder();
  const wrong = (environment: Record<string, string>) => () => loadConfig({ GATEHOUSE_DATA_DIR: data, ...environment });
  assert.throws(wrong({ GATEHOUSE_HTTP_PORT: '80a' }), /GATEHOUSE_HTTP_PORT/);
  assert.throws(wrong({ GATEHOUSE_PROTOCOL: 'ftp' }), /GATEHOUSE_PROTOCOL/);
  assert.throws(wrong({ GATEHOUSE_DEMO: 'perhaps' }), /GATEHOUSE_DEMO/);
  writeFileSync(join(data, 'gatehouse.json'), '{"htpPort": 1}');
  assert.throws(wrong({}), (error: Error) => error instanceof ConfigError && /htpPort/.test(error.message));
  writeFileSync(join(data, 'gatehouse.json'), '{');
  assert.throws(wrong({}), /is not JSON/);
});
