import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authorize } from '../../core/gateway/dispatch.ts';
import { CODE, httpStatus } from '../../core/gateway/errors.ts';
import type { Caller } from '../../core/plugin/contract.ts';
import { routeOf } from '../../tests/kit/plugin.ts';
import { startPlugin, type TestPlugin } from './fixture.ts';
import { ADMIN, ask, base64, caller, VIEWER } from './rest.fixture.ts';
import type {
  ComparedView,
  DatabasesView,
  DatabaseView,
  EnrolledView,
  ErasedView,
  ExaminedView,
  ExportView,
  PortraitsView,
  PortraitView,
  SearchView,
} from './rest-shapes.ts';
import { sketch } from './stand-ins.fixture.ts';

async function database(box: TestPlugin, name = 'Staff', type = 2): Promise<number> {
  return (await ask<DatabaseView>(box, 'POST', '/databases', { body: { name, type } })).id;
}

function enrol(box: TestPlugin, id: number, who: string, more: object = {}) {
  const body = { picture: base64(sketch([who])), name: who, ...more };
  return ask<EnrolledView>(box, 'POST', `/databases/${id}/portraits`, { body });
}

test('a database is made, changed, refused while a camera compares with it, and erased with a receipt', async (t) => {
  const box = await startPlugin(t);
  const id = await database(box);
  await assert.rejects(database(box), { code: CODE.databaseExists });
  await assert.rejects(database(box, ' '), { field: 'name' });
  const renamed = await ask<DatabaseView>(box, 'PATCH', `/databases/${id}`, { body: { name: 'Banned', type: 1 } });
  assert.deepEqual([renamed.name, renamed.type, renamed.origin, renamed.cameras], ['Banned', 1, null, []]);
  await enrol(box, id, 'wang');
  await enrol(box, id, 'li');

  box.bound = [id];
  const listed = await ask<DatabasesView>(box, 'GET', '/databases');
  assert.deepEqual(listed.databases[0]?.cameras, [{ channel: 1, name: 'Gate' }]);
  assert.deepEqual([listed.databases[0]?.pictures, listed.index.state, listed.index.faces], [2, 'ready', 2]);
  await assert.rejects(ask(box, 'DELETE', `/databases/${id}`), {
    code: CODE.databaseBoundToCamera,
    message: 'bound to "Gate"',
    data: { cameras: [{ channel: 1, name: 'Gate' }] },
  });

  box.bound = [];
  box.use.captures!.kept = [`${id}/x`];
  const { receipt } = await ask<ErasedView>(box, 'DELETE', `/databases/${id}`);
  assert.deepEqual([receipt?.pictures, receipt?.embeddings], [2, 2]);
  assert.deepEqual((await ask<DatabasesView>(box, 'GET', '/databases')).databases, []);
  await assert.rejects(ask(box, 'DELETE', `/databases/${id}`), { code: CODE.noSuchDatabase });
});

test('people are listed newest first, page by page, and found by a part of name or image id', async (t) => {
  const box = await startPlugin(t);
  const id = await database(box);
  for (const who of ['Anna', 'Bert', 'Cleo']) {
    await enrol(box, id, who, { imageId: `no-${who.length}-${who}` });
    box.clock.time += 1000;
  }
  const list = async (query: object) => {
    const { portraits, total } = await ask<PortraitsView>(box, 'GET', `/databases/${id}/portraits`, { query });
    return [portraits.map(({ name }) => name).join(), total];
  };
  assert.deepEqual(await list({}), ['Cleo,Bert,Anna', 3]);
  assert.deepEqual(await list({ limit: '2' }), ['Cleo,Bert', 3]);
  assert.deepEqual(await list({ limit: '2', offset: '2' }), ['Anna', 3]);
  assert.deepEqual(await list({ search: 'LE' }), ['Cleo', 1]);
  assert.deepEqual(await list({ search: '4-b' }), ['Bert', 1]);
  assert.deepEqual(await list({ search: '%' }), ['', 0]);
  await assert.rejects(ask(box, 'GET', '/databases/99/portraits'), { code: CODE.noSuchDatabase });
  await assert.rejects(ask(box, 'GET', `/databases/${id}/portraits`, { query: { limit: 101 } }), { field: 'limit' });
});

test('a database is exported in parts, by whoever may see its pictures, and noted', async (t) => {
  const box = await startPlugin(t);
  const id = await database(box);
  const exported = (body: object, as: Caller = VIEWER) =>
    ask<ExportView>(box, 'POST', `/databases/${id}/export`, { body, as });
  await assert.rejects(exported({}), { code: CODE.nothingToExport });
  for (const who of ['wang', 'li']) await enrol(box, id, who, { imageId: who });
  const { path, ...told } = await exported({});
  assert.deepEqual(told, { password: 'secret', count: 2, total: 2 });
  const names = (archive: string) => box.use.exports!.archives.get(archive)!.entries.map(({ name }) => name);
  assert.deepEqual(names(path), ['wang.jpg', 'li.jpg', 'index.csv']);
  assert.deepEqual(names((await exported({ offset: 1 })).path), ['li.jpg', 'index.csv']);
  assert.deepEqual(box.remarks.slice(-2), [`database ${id}: 2 of 2 people`, `database ${id}: 1 of 2 people`]);
  assert.equal(routeOf(box.parts, 'POST', `/databases/${id}/export`).route.logged, true);
  await assert.rejects(exported({ offset: 2 }), { code: CODE.nothingToExport });
  await assert.rejects(exported({}, caller('viewer', false)), { code: CODE.notAllowed });
  box.use.exports = undefined;
  await assert.rejects(exported({}), { code: CODE.unknownError });
});

test('what is sensitive is told on request alone, to whoever may change it, and noted', async (t) => {
  const box = await startPlugin(t);
  const id = await database(box);
  const secret = { idcard: '130182199001011234', address: '12 Canal Street' };
  const { portrait } = await enrol(box, id, 'Wang Wei', { imageId: 'A-7', gender: '1', age: '34', ...secret });
  const path = `/databases/${id}/portraits/A-7`;
  const one = await ask<PortraitView>(box, 'GET', path, { as: VIEWER });
  assert.deepEqual(one, portrait);
  assert.deepEqual([one.name, one.hasIdcard, one.hasAddress, one.quality], ['Wang Wei', true, true, 80]);
  assert.ok(!JSON.stringify(one).includes('Canal') && !JSON.stringify(one).includes('1301'));
  await assert.rejects(ask(box, 'POST', `${path}/reveal`, { as: VIEWER }), { code: CODE.notAllowed });
  assert.deepEqual(await ask(box, 'POST', `${path}/reveal`), secret);
  assert.match(box.remarks.join('; '), /read in clear; image \d+$/);

  const changed = await ask<PortraitView>(box, 'PATCH', path, { body: { name: 'Wang', address: '' } });
  assert.deepEqual([changed.name, changed.age, changed.hasIdcard, changed.hasAddress], ['Wang', '34', true, false]);
  await assert.rejects(ask(box, 'PATCH', path, { body: { age: 'old' } }), { field: 'age' });
  await assert.rejects(ask(box, 'PATCH', `${path}x`, { body: {} }), { code: CODE.noSuchImage });

  box.use.captures!.kept = [`${id}/A-7`, `${id}/other`];
  const { receipt } = await ask<ErasedView>(box, 'DELETE', path);
  const gone = { pictures: 1, embeddings: 1, captures: 1, alarms: 0, messages: 0, exports: 0, unfinished: false };
  assert.deepEqual(receipt, gone);
  await assert.rejects(ask(box, 'GET', path), { code: CODE.noSuchImage });
  for (const known of ['Wang', 'A-7', '1301', 'Canal']) {
    assert.ok(!`${box.remarks.join()} ${box.logged.join()}`.includes(known), `${known} stands in a log`);
  }
});

test('a poor picture is refused with what is wrong, and taken when somebody insists', async (t) => {
  const box = await startPlugin(t);
  const id = await database(box);
  const picture = base64(sketch([{ who: 'li', quality: 35, faults: ['blur', 'mouth'] }]));
  const path = `/databases/${id}/portraits`;
  await assert.rejects(ask(box, 'POST', path, { body: { picture, name: 'Li' } }), {
    code: CODE.faceQualityTooLow,
    data: { faults: ['blur', 'mouth'] },
  });
  const { portrait } = await ask<EnrolledView>(box, 'POST', path, { body: { picture, name: 'Li', quality: 'low' } });
  assert.equal(portrait.quality, 35);
  assert.match(box.remarks.join(), /without conditions on quality/);
  await assert.rejects(ask(box, 'POST', path, { body: { picture, name: 'Li', quality: 'low' } }), {
    code: CODE.imageExists,
  });
  for (const [faces, code] of [
    [[], CODE.noFaceFound],
    [['a', 'b'], CODE.severalFaces],
  ] as const) {
    const body = { picture: base64(sketch([...faces])), name: 'x' };
    await assert.rejects(ask(box, 'POST', path, { body }), { code });
  }
  await assert.rejects(enrol(box, id, 'chen', { imageId: 'no blanks' }), { field: 'imageId' });
  await assert.rejects(ask(box, 'POST', path, { body: { name: 'x' } }), { field: 'picture' });
  await assert.rejects(ask(box, 'POST', path, { body: { name: 'x', picture: '====' } }), { field: 'picture' });
  await ask(box, 'POST', path, { body: { picture: `data:image/jpeg;base64,${base64(sketch(['url']))}`, batch: true } });
  assert.equal(box.images.lanes.at(-1), 'batch');
});

/** Stores a picture of a capture, and what could be taken for one. */
async function storeCapture(box: TestPlugin) {
  const store = async (path: string, area: string, picture = true) => {
    const bytes = sketch([path]);
    const staged = await box.store.blobs.stage({ path, bytes, owner: 'test', area, picture });
    await box.store.write((tx) => tx.addBlob(staged), { staged: [staged] });
  };
  await store('record/channel1/face/1_1.jpg', 'records');
  await store('record/channel1/face/1_2.jpg', 'devices');
  await store('record/channel1/face/list.csv', 'records', false);
}

test('a capture becomes a person, for whoever may see it, and nothing but a capture does', async (t) => {
  const box = await startPlugin(t);
  const id = await database(box);
  await storeCapture(box);
  const path = `/databases/${id}/portraits`;
  const capture = 'record/channel1/face/1_1.jpg';
  const { portrait } = await ask<EnrolledView>(box, 'POST', path, { body: { capture, name: 'Stranger' } });
  const stored = await box.store.blobs.open(portrait.path);
  assert.deepEqual(await stored?.bytes(), Buffer.from(sketch([capture])));
  box.use.captures!.kept = [capture, 'record/channel1/face/1_3.jpg'];

  const blind = { body: { capture, name: 'x' }, as: caller('sub-admin', false) };
  await assert.rejects(ask(box, 'POST', path, blind), { code: CODE.notAllowed });
  for (const other of [
    portrait.path,
    'record/channel1/face/1_2.jpg',
    'record/channel1/face/list.csv',
    'record/../gatehouse.db',
    'record/none.jpg',
  ]) {
    const body = { capture: other, name: 'x' };
    await assert.rejects(ask(box, 'POST', path, { body }), { code: CODE.noSuchData }, other);
  }
  const both = { capture, picture: base64(sketch(['x'])), name: 'x' };
  await assert.rejects(ask(box, 'POST', path, { body: both }), { field: 'picture' });

  const { receipt } = await ask<ErasedView>(box, 'DELETE', `${path}/${portrait.imageId}`);
  assert.equal(receipt?.captures, 1);
  assert.deepEqual(box.use.captures!.kept, ['record/channel1/face/1_3.jpg'], 'the capture goes with the person');
});

test('the capture that a picture was cut out of goes with the person, and takes the right to see it', async (t) => {
  const box = await startPlugin(t);
  const id = await database(box);
  await storeCapture(box);
  const path = `/databases/${id}/portraits`;
  const takenFrom = 'record/channel1/face/1_1.jpg';
  const asked = { picture: base64(sketch(['one of two'])), takenFrom, name: 'Stranger' };
  const blind = { body: asked, as: caller('sub-admin', false) };
  await assert.rejects(ask(box, 'POST', path, blind), { code: CODE.notAllowed });
  for (const other of ['record/channel1/face/1_2.jpg', 'record/channel1/face/list.csv', 'record/none.jpg']) {
    const body = { ...asked, takenFrom: other };
    await assert.rejects(ask(box, 'POST', path, { body }), { code: CODE.noSuchData, field: 'takenFrom' }, other);
  }
  const both = { capture: takenFrom, takenFrom, name: 'x' };
  await assert.rejects(ask(box, 'POST', path, { body: both }), { field: 'takenFrom' });

  const { portrait } = await ask<EnrolledView>(box, 'POST', path, { body: asked });
  const stored = await box.store.blobs.open(portrait.path);
  assert.deepEqual(await stored?.bytes(), Buffer.from(sketch(['one of two'])));
  box.use.captures!.kept = [takenFrom, 'record/channel1/face/1_3.jpg'];
  const { receipt } = await ask<ErasedView>(box, 'DELETE', `${path}/${portrait.imageId}`);
  assert.equal(receipt?.captures, 1);
  assert.deepEqual(box.use.captures!.kept, ['record/channel1/face/1_3.jpg']);
});

test('a picture is looked at before anybody is enrolled, and who is there already is pointed out', async (t) => {
  const box = await startPlugin(t);
  const id = await database(box);
  await enrol(box, id, 'wang');
  const again = base64(sketch([{ who: 'wang', quality: 61.6, faults: ['size'] }], 2));
  const look = (body: object, as = ADMIN) => ask<ExaminedView>(box, 'POST', '/examine', { body, as });
  const seen = await look({ picture: again, near: true });
  assert.deepEqual([seen.width, seen.height, seen.nearFault], [640, 480, null]);
  assert.deepEqual(seen.faces, [{ box: [10.4, 20.4, 90.2, 120.6], quality: 62, faults: ['size'] }]);
  assert.deepEqual(
    seen.near.map(({ portrait, databaseName, similarity }) => [portrait.name, databaseName, Math.round(similarity)]),
    [['wang', 'Staff', 100]],
  );
  assert.deepEqual((await look({ picture: again })).near, []);
  // Telling who somebody is takes the right to see pictures; looking at one's own picture does not.
  assert.deepEqual((await look({ picture: again, near: true }, caller('viewer', false))).near, []);
  assert.deepEqual((await look({ picture: base64(sketch([])), near: true })).faces, []);
  box.index.fault = 'loading';
  assert.match(String((await look({ picture: again, near: true })).nearFault), /not ready/);
  await assert.rejects(look({ picture: base64(new TextEncoder().encode('text')) }), { code: CODE.damagedImage });
});

test('without the right to see pictures nobody is told who somebody is', async (t) => {
  const box = await startPlugin(t);
  const staff = await database(box);
  await enrol(box, staff, 'wang');
  const blind = caller('sub-admin', false);
  const again = (as: Caller, version: number, batch = false) =>
    ask<EnrolledView>(box, 'POST', `/databases/${staff}/portraits`, {
      body: { picture: base64(sketch(['wang'], version)), quality: 'low', batch },
      as,
    });
  assert.equal((await again(caller('sub-admin'), 3)).near.length, 1);
  assert.deepEqual((await again(blind, 4)).near, []);
  const oneOfMany = await again(caller('sub-admin'), 5, true);
  assert.deepEqual([oneOfMany.near.length, oneOfMany.nearFault], [3, null], 'one of a folder is looked for, too');
  assert.equal(box.images.lanes.at(-1), 'batch');
  const unseen = await again(blind, 6, true);
  assert.deepEqual([unseen.near, unseen.nearFault], [[], null]);
  for (const id of [772, 780]) {
    const { access } = box.parts.messages!.find((one) => one.id === id)!;
    assert.doesNotThrow(() => authorize(access, VIEWER), `${id}`);
    assert.throws(() => authorize(access, blind), { code: CODE.notAllowed }, `${id}`);
  }
});

test('a photo finds people in the databases named, and two photos are compared', async (t) => {
  const box = await startPlugin(t);
  const [staff, banned, empty] = [await database(box), await database(box, 'Banned', 1), await database(box, 'None')];
  await enrol(box, staff, 'wang');
  await enrol(box, staff, 'li');
  await enrol(box, banned, 'chen');
  const search = (databases: number[], more: object = {}, as = ADMIN) =>
    ask<SearchView>(box, 'POST', '/search', {
      body: { picture: base64(sketch(['wang'], 3)), databases, ...more },
      as,
    });
  const all = await search([staff, banned, empty]);
  assert.equal(all.hits.length, 3);
  assert.deepEqual([all.hits[0]?.portrait.name, all.hits[0]?.databaseName], ['wang', 'Staff']);
  const close = await search([staff, staff], { threshold: 90, most: 1 }, VIEWER);
  assert.deepEqual(
    close.hits.map(({ portrait }) => portrait.name),
    ['wang'],
  );
  assert.deepEqual((await search([banned], { threshold: 90 })).hits, []);
  await assert.rejects(search([]), { code: CODE.noDatabaseGiven });
  await assert.rejects(search([empty]), { code: CODE.databaseEmpty });
  await assert.rejects(search([staff, 99]), { code: CODE.unknownDatabaseInList });
  await assert.rejects(search([staff], { threshold: 101 }), { field: 'threshold' });
  await assert.rejects(search([staff], {}, caller('viewer', false)), { code: CODE.notAllowed });
  box.index.fault = 'down';
  await assert.rejects(search([staff]), (error: { code: typeof CODE.unknownError }) => httpStatus(error.code) === 503);

  const pair = { first: base64(sketch(['wang'], 4)), second: base64(sketch(['wang'], 5)) };
  const same = await ask<ComparedView>(box, 'POST', '/compare', { body: pair });
  assert.deepEqual([Math.round(same.similarity), same.second.width, same.first.face.quality], [100, 640, 80]);
  const other = { ...pair, second: base64(sketch(['li'])) };
  assert.ok((await ask<ComparedView>(box, 'POST', '/compare', { body: other })).similarity < 90);
});

test('whoever may only look changes nothing, and others see nothing', async (t) => {
  const box = await startPlugin(t);
  const changing = box.parts.routes!.filter(
    ({ method, path }) => method !== 'GET' && !/examine|search|compare|export/.test(path),
  );
  assert.equal(changing.length, 7);
  for (const { access, path } of changing) {
    assert.throws(() => authorize(access, VIEWER), { code: CODE.notAllowed }, path);
    assert.throws(() => authorize(access, caller('general-admin')), { code: CODE.notAllowed }, path);
  }
  for (const { access, path } of box.parts.routes!) {
    assert.throws(() => authorize(access, caller('device-admin')), { code: CODE.notAllowed }, path);
    assert.throws(() => authorize(access, undefined), { code: CODE.notLoggedIn }, path);
  }
});
