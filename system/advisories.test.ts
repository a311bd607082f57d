import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAudit } from './advisories.ts';

function report(vulnerabilities: object): string {
  return JSON.stringify({ auditReportVersion: 2, vulnerabilities, metadata: {} });
}

test('nothing found is no row and no failure', () => {
  assert.deepEqual(readAudit(report({})), { known: true, rows: [], exitCode: 0 });
});

test('the worst comes first, and fails the run only from high on', () => {
  const low = {
    severity: 'low',
    range: '<2',
    via: [{ title: 'Slow pattern', url: 'https://a.example/1' }],
    fixAvailable: true,
  };
  const high = { severity: 'high', range: '>=1', via: ['other'], fixAvailable: { name: 'parent', version: '3.0.0' } };
  const mild = readAudit(report({ one: low }));
  assert.deepEqual(mild, {
    known: true,
    rows: ['low       one  <2  Slow pattern https://a.example/1  (npm audit fix)'],
    exitCode: 0,
  });
  const severe = readAudit(
    report({ one: low, other: { ...low, severity: 'critical', fixAvailable: false }, third: high }),
  );
  assert.ok(severe.known);
  assert.equal(severe.exitCode, 1);
  assert.deepEqual(
    severe.rows.map((row) => row.split(/\s+/).slice(0, 2).join(' ')),
    ['critical other', 'high third', 'low one'],
  );
  assert.match(severe.rows[0] ?? '', /no fix yet/);
  assert.match(severe.rows[1] ?? '', /through other {2}\(parent 3\.0\.0\)/);
});

test('a registry that does not answer is said, not taken for a clean report', () => {
  const refused = { message: '405 Method Not Allowed - POST https://registry.example/bulk', error: { summary: '' } };
  assert.deepEqual(readAudit(JSON.stringify(refused)), { known: false, reason: refused.message, exitCode: 0 });
  for (const text of ['', 'npm error', 'null', '[]', '{"auditReportVersion":9}']) {
    assert.deepEqual(readAudit(text), { known: false, reason: 'npm gave no report', exitCode: 0 }, text);
  }
});
