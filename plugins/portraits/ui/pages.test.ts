import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Box } from '../../../core/vision/keys.ts';
import type { I18n } from '../../../ui/contract.ts';
import { readFileName } from '../file-name.ts';
import { type BatchRow, countRows, looksLikeSomebody, refusedAgain, rowsOf, runBatch } from './batch-run.ts';
import { csvOf, resultsCsv } from './csv.ts';
import { type NamedFile, parseFileName } from './file-names.ts';
import { checkPerson, personChanges } from './person-fields.ts';
import { around, chosenOf, partOf, release } from './pictures.ts';
import { type Chosen, type Near, NOBODY } from './shapes.ts';
import { likenessWord } from './words.ts';

describe('names of files', () => {
  test('a name alone, or six parts with # for nothing; folders before them do not count', () => {
    const named = (person: object, imageId = '') => ({ person: { ...NOBODY, ...person }, imageId });
    for (const [file, expected] of [
      ['Wang Wei.JPG', named({ name: 'Wang Wei' })],
      ['staff/2026/wang_wei.png', named({ name: 'wang_wei' })],
      ['王伟_A1023_#_1_34_#.jpg', named({ name: '王伟', gender: '1', age: '34' }, 'A1023')],
      [
        'zhangsan_asdqwe12345_32011111_0_23_beijing.jpg',
        named({ name: 'zhangsan', idcard: '32011111', gender: '0', age: '23', address: 'beijing' }, 'asdqwe12345'),
      ],
      ['Li_no_7_#_#_#_12_Canal_Street.bmp', undefined],
      ['Li_no_7_110_0_40_12_Canal_Street.tif', undefined],
      ['Ann_1001_110101199001011234_0_30_Block_1_25_East.jpg', undefined],
      ['Ann_1001_110101199001011234_#_#_Block_1_25_East.jpg', undefined],
      ['Ann_v214_165_0_0_#_1_30_5_east_road.jpg', undefined],
    ] as [string, NamedFile | undefined][]) {
      const parsed = parseFileName(file);
      if (expected) assert.deepEqual(parsed, expected, file);
      // The box reads the same into it.
      const { imgId, person } = readFileName(file);
      assert.deepEqual(parsed, { person, imageId: imgId }, file);
    }
  });

  test('what cannot be meant is pointed out', () => {
    for (const [file, fault] of [
      ['notes.txt', 'type'],
      ['jpg', 'type'],
      ['.jpg', 'type'],
      ['A_B_C_D.jpg', 'parts'],
      ['Wang_A1_1301_1_34.jpg', 'parts'],
      ['#.jpg', 'name'],
      ['#_A1_#_1_34_#.jpg', 'name'],
      ['Wang_A 1_#_1_34_#.jpg', 'image-id'],
      [`Wang_${'a'.repeat(49)}_#_1_34_#.jpg`, 'image-id'],
      ['Wang_A1_#_male_34_#.jpg', 'gender-age'],
      ['Wang_A1_#_1_old_#.jpg', 'gender-age'],
    ] as const) {
      assert.deepEqual(parseFileName(file), { fault }, file);
    }
  });
});

describe('a batch', () => {
  const files = (...names: string[]) => names.map((name) => ({ name }));
  const refusal = (code: number, status = 400) => Object.assign(new Error(`code ${code}`), { code, status });

  interface Script {
    answers: Record<string, (string | Error)[]>;
    /** Whom the person of a file looks like. */
    like?: Record<string, Near>;
    abortAt?: string;
  }

  /** Sends to a box that answers by file, one answer after another. */
  async function run(start: BatchRow<{ name: string }>[], { answers, like, abortAt }: Script) {
    const controller = new AbortController();
    const sent: string[] = [];
    let rows = start;
    let waited = 0;
    const stopped = await runBatch(start, {
      signal: controller.signal,
      text: (error) => (error as Error).message,
      onRows: (now) => {
        rows = now;
      },
      wait: async (ms) => {
        waited += ms;
      },
      send: async ({ name }) => {
        sent.push(name);
        if (name === abortAt) controller.abort();
        const answer = answers[name]?.shift() ?? 'id';
        if (answer instanceof Error) throw answer;
        return { imageId: answer, near: like?.[name] ? [like[name]] : [], nearFault: null };
      },
    });
    return { rows, sent, waited, stopped: (stopped as Error | undefined)?.message };
  }
  const states = (rows: BatchRow<unknown>[]) => rows.map(({ outcome }) => outcome.state).join();

  test('goes file by file, keeps what was refused and leaves out what is no picture', async () => {
    const start = rowsOf(files('c.jpg', 'a.jpg', 'b.jpg', 'x.txt', '.DS_Store'));
    assert.equal(states(start), 'waiting,waiting,waiting,unreadable');
    const { rows, sent, stopped } = await run(start, { answers: { 'b.jpg': [refusal(-1101)] } });
    assert.deepEqual([sent, stopped], [['a.jpg', 'b.jpg', 'c.jpg'], undefined]);
    assert.deepEqual(countRows(rows), { waiting: 0, unreadable: 1, enrolled: 2, refused: 1 });
    assert.deepEqual(rows[1]?.outcome, { state: 'refused', code: -1101, text: 'code -1101' });
    const again = await run(refusedAgain(rows), { answers: {} });
    assert.deepEqual([again.sent, states(again.rows)], [['b.jpg'], 'enrolled,enrolled,enrolled,unreadable']);
  });

  test('a busy box is waited for; one that stays away, or refuses everything, ends it with the rest still waiting', async () => {
    const start = rowsOf(files('a.jpg', 'b.jpg', 'c.jpg'));
    const busy = () => refusal(-1, 503);
    const away = () => Object.assign(new Error('away'), { reason: 'unreachable' });
    const patient = await run(start, { answers: { 'a.jpg': [busy(), busy()], 'b.jpg': [away()] } });
    assert.deepEqual(
      [states(patient.rows), patient.stopped, patient.waited],
      ['enrolled,enrolled,enrolled', undefined, 4000],
    );
    const lost = await run(start, { answers: { 'b.jpg': Array.from({ length: 9 }, away) } });
    assert.deepEqual([states(lost.rows), lost.stopped], ['enrolled,waiting,waiting', 'away']);
    for (const error of [refusal(-141, 401), refusal(-140, 403), refusal(-117, 404), refusal(-122)]) {
      const ended = await run(start, { answers: { 'b.jpg': [error] } });
      assert.deepEqual([states(ended.rows), ended.stopped], ['enrolled,waiting,waiting', error.message]);
    }
  });

  test('a file that alone ends the image service is refused, and the next ones are sent', async () => {
    const busy = (n: number) => Array.from({ length: n }, () => refusal(-1, 503));
    const start = rowsOf(files('a.jpg', 'b.jpg', 'c.jpg'));
    const one = await run(start, { answers: { 'b.jpg': busy(6) } });
    assert.deepEqual([states(one.rows), one.stopped], ['enrolled,refused,enrolled', undefined]);
    const all = await run(start, { answers: { 'b.jpg': busy(6), 'c.jpg': busy(6) } });
    assert.deepEqual([states(all.rows), all.stopped], ['enrolled,waiting,waiting', 'code -1']);
  });

  test('who is in already after an answer was lost was enrolled by the try before', async () => {
    const lost = () => Object.assign(new Error('late'), { reason: 'timeout' });
    const start = rowsOf(files('a.jpg', 'Wang_A1_#_1_34_#.jpg'));
    const { rows } = await run(start, {
      answers: { 'a.jpg': [refusal(-116)], 'Wang_A1_#_1_34_#.jpg': [lost(), refusal(-1100, 409)] },
    });
    assert.deepEqual(Object.fromEntries(rows.map(({ path, outcome }) => [path, outcome.state])), {
      'a.jpg': 'refused',
      'Wang_A1_#_1_34_#.jpg': 'enrolled',
    });
    const away = Object.assign(new Error('away'), { reason: 'unreachable' });
    const other = await run(rowsOf(files('b.jpg')), { answers: { 'b.jpg': [away, refusal(-1100, 409)] } });
    assert.equal(states(other.rows), 'refused', 'the first was perhaps never sent');
  });

  test('cancelled, it sends nothing more, and what was under way goes on waiting', async () => {
    const start = rowsOf(files('a.jpg', 'b.jpg', 'c.jpg'));
    const { rows, sent, stopped } = await run(start, {
      answers: { 'b.jpg': [new DOMException('', 'AbortError')] },
      abortAt: 'b.jpg',
    });
    assert.deepEqual([sent, states(rows), stopped], [['a.jpg', 'b.jpg'], 'enrolled,waiting,waiting', undefined]);
  });

  test('who looks like somebody who is enrolled is pointed out', async () => {
    const portrait = { name: 'Wang Wei', imageId: '7', database: 3 } as Near['portrait'];
    const near = { portrait, databaseName: 'Staff', databaseType: 2, similarity: 91.26 };
    const { rows } = await run(rowsOf(files('a.jpg', 'b.jpg')), { answers: {}, like: { 'b.jpg': near } });
    assert.deepEqual(rows.map(looksLikeSomebody), [false, true]);
    const i18n = {
      t: (key: string, values: object = {}) => [key, ...Object.values(values)].join(' '),
      number: (value: number) => value.toFixed(1),
    } as unknown as I18n;
    const word = ({ outcome }: BatchRow<unknown>) => (outcome.state === 'enrolled' ? likenessWord(i18n, outcome) : '?');
    assert.deepEqual(rows.map(word), ['', 'near.looksLike Wang Wei Staff 91.3']);
    assert.equal(likenessWord(i18n, { near: [], nearFault: 'the index of faces is not ready' }), 'near.notCompared');
  });

  test('the results are a sheet that runs nothing', () => {
    const [enrolled, refused] = rowsOf(files('=cmd|x.jpg', 'Wang "W"_A-1_#_1_34_#.jpg'));
    const rows: BatchRow<unknown>[] = [
      { ...enrolled!, outcome: { state: 'enrolled', imageId: '77', near: [], nearFault: null } },
      { ...refused!, outcome: { state: 'refused', code: -1102, text: 'blurred, dark' } },
    ];
    const sheet = resultsCsv(rows, {
      columns: ['File', 'Name', 'Image', 'Result', 'Code', 'Reason'],
      outcome: ({ outcome }) => outcome.state,
      reason: ({ outcome }) => (outcome.state === 'refused' ? outcome.text : ''),
    });
    assert.deepEqual(sheet.split('\r\n'), [
      '\ufeff"File","Name","Image","Result","Code","Reason"',
      `"'=cmd|x.jpg","'=cmd|x","77","enrolled","0",""`,
      '"Wang ""W""_A-1_#_1_34_#.jpg","Wang ""W""","A-1","refused","-1102","blurred, dark"',
      '',
    ]);
    assert.equal(csvOf([['-1+2', '\uff1dx', '-1.5']]), `\ufeff"'-1+2","'\uff1dx","-1.5"\r\n`);
  });
});

test('one face of several is cut out with room around it, but without the others where that is possible', () => {
  const frame = { width: 1000, height: 800 };
  const face: Box = [400, 300, 500, 400];
  assert.deepEqual(around(face, frame, []), [340, 240, 560, 460]);
  assert.deepEqual(around([0, 0, 100, 100], frame, []), [0, 0, 160, 160]);
  const beside: Box[] = [
    [300, 300, 380, 400],
    [520, 310, 620, 410],
    [400, 180, 500, 270],
    [410, 430, 500, 520],
  ];
  assert.deepEqual(around(face, frame, beside), [380, 270, 520, 430]);
  // Cheek by cheek some room is kept.
  assert.deepEqual(around(face, frame, [[495, 300, 600, 400]]), [340, 240, 515, 460]);
  // Far away nobody matters.
  assert.deepEqual(around(face, frame, [[800, 0, 900, 100]]), [340, 240, 560, 460]);
});

test('only what differs is sent, and nobody is without a name', () => {
  const before = { name: 'Wang', gender: '1', age: '', idcard: '77', address: '' };
  assert.deepEqual(personChanges(before, { ...before, name: ' Wang ', age: '34 ', idcard: '' }), {
    age: '34',
    idcard: '',
  });
  const t = (key: string) => key;
  assert.deepEqual(checkPerson({ t }, { ...before, name: ' ', age: '1000' }), { name: 'check.name', age: 'check.age' });
  assert.deepEqual(checkPerson({ t }, before), { name: undefined, age: undefined });
});

test('of a part of a capture it is known which, also of a part of a part', (t) => {
  const part = (whole: Chosen) => {
    const cut = partOf(whole, new Blob(['cut']));
    t.after(() => release(cut));
    return cut;
  };
  const capture = 'record/channel1/face/1_1.jpg';
  const first = part({ name: '', src: `/ws/${capture}`, capture });
  assert.deepEqual([first.takenFrom, first.capture], [capture, undefined], 'it is not the capture itself');
  assert.equal(part(first).takenFrom, capture);
  const file = chosenOf(new Blob(['file']), 'two.jpg');
  t.after(() => release(file));
  const { name, takenFrom } = part(file);
  assert.deepEqual([name, takenFrom], ['two.jpg', undefined]);
});
