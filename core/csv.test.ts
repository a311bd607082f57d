import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvFile, csvLine } from './csv.ts';

test('what has commas, quotes and lines in it stays one field', () => {
  assert.equal(
    csvLine(['a,b', 'say "no"', 'two\r\nlines', '', '王 😀']),
    '"a,b","say ""no""","two\r\nlines","","王 😀"\r\n',
  );
});

test('no text is a formula, and numbers are numbers', () => {
  for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '|x', '\t=1', ' =1', '\n=1', '＝1', '＋1', '－1', '＠x']) {
    assert.equal(csvLine([text]), `"'${text}"\r\n`);
  }
  assert.equal(csvLine([-1, 2.5, 'a=b']), '"-1","2.5","a=b"\r\n');
});

test('a file begins with the mark and ends its last line', () => {
  assert.equal(
    csvFile([
      ['a', 'b'],
      [1, ''],
    ]),
    '\ufeff"a","b"\r\n"1",""\r\n',
  );
});
