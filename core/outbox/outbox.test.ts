import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'drizzle-orm';
import { Life, Tally } from '../plugin/life.ts';
import { type OpenDestination, RefusedError } from '../plugin/push-services.ts';
import { filesBelow, until } from '../store/fixture.ts';
import { AWAY_MS } from './absentees.ts';
import { message, settled, startOutbox, stored, storePicture, TestReceiver } from './fixture.ts';

/** What is kept of a message, and until when. */

test('a message comes with the job that adds it, or not at all, and arrives by the live lane', async (t) => {
  const { store, outbox, clock } = await startOutbox(t);
  const receiver = new TestReceiver(clock);
  outbox.open(receiver);
  const [kept, undone] = [message(), message()];
  const failing = store.write((tx) => {
    outbox.add(tx, undone);
    throw new Error('undone');
  });
  const holding = store.write((tx) => {
    outbox.add(tx, kept);
    assert.equal(receiver.attempts.length, 0, 'nothing is sent before the commit');
  });
  await assert.rejects(failing, /undone/);
  await holding;
  await until('it arrives', () => receiver.arrived.length > 0 && stored(store) === 0);
  assert.deepEqual(
    receiver.attempts.map(({ id, lane, attempt }) => ({ id, lane, attempt })),
    [{ id: kept.id, lane: 'live', attempt: 1 }],
  );
  const [report] = outbox.reports();
  assert.deepEqual(report, {
    id: 'test/one',
    name: 'Test',
    open: true,
    waiting: 0,
    delivered: 1,
    dead: 0,
    failures: 0,
    lastDelivered: clock.now(),
  });
  assert.deepEqual(store.read.all(sql`SELECT * FROM outbox_deliveries`), []);
});

test('a destination is told what was stored for it, and nothing that was not; one that fails over it gets it all the same', async (t) => {
  const { store, outbox, clock } = await startOutbox(t);
  const receiver = new TestReceiver(clock);
  const took: string[] = [];
  outbox.open(
    Object.assign(receiver, {
      took: ({ id }: { id: string }) => {
        took.push(id);
        throw new Error('its own fault');
      },
    }),
  );
  const [kept, undone] = [message(), message()];
  const failing = store.write((tx) => {
    outbox.add(tx, undone);
    throw new Error('undone');
  });
  await assert.rejects(failing, /undone/);
  await store.write((tx) => {
    outbox.add(tx, kept);
    assert.deepEqual(took, []);
  });
  await until('it arrives', () => receiver.arrived.length === 1);
  assert.deepEqual(took, [kept.id]);
});

test('only destinations that want a message get it, and one that fails to say harms nobody', async (t) => {
  const { store, outbox, clock, put, log } = await startOutbox(t);
  const [all, alarms, broken] = ['a', 'b', 'c'].map((id) => new TestReceiver(clock, `test/${id}`)) as [
    TestReceiver,
    TestReceiver,
    TestReceiver,
  ];
  alarms.wanted = (topic) => topic === 'alarm';
  broken.wanted = () => {
    throw new Error('broken');
  };
  for (const one of [all, alarms, broken]) outbox.open(one);
  assert.throws(() => outbox.open(new TestReceiver(clock, 'test/a')), /open already/);
  assert.throws(() => outbox.open(new TestReceiver(clock, 'no id')), TypeError);
  const [capture, alarm] = [message(), message({ topic: 'alarm' })];
  await put(capture, alarm);
  await until('both arrive', () => all.arrived.length === 2 && alarms.arrived.length === 1);
  assert.deepEqual(all.ids(), [capture.id, alarm.id]);
  assert.deepEqual(alarms.ids(), [alarm.id]);
  assert.equal(broken.attempts.length, 0);
  assert.ok(log.lines.includes('error: a destination failed to say what it wants'));
  await until('nothing is left', () => stored(store) === 0);
});

test('what is refused for good is given up at once, and kept as a dead letter without its words', async (t) => {
  const { store, outbox, clock, put } = await startOutbox(t);
  const receiver = new TestReceiver(clock);
  receiver.manner = async ({ id }) => {
    if (id === bad.id) throw new RefusedError('400 Bad Request');
  };
  const [bad, good] = [message({ shows: ['4/img'], body: { secret: 'name' } }), message()];
  outbox.open(receiver);
  await put(bad);
  await until('it to be given up', () => stored(store) === 0);
  assert.equal(outbox.reports()[0]?.refused, 1);
  await put(good);
  await until('both ended', () => stored(store) === 0 && receiver.ids().length === 1);
  assert.deepEqual(receiver.ids(), [good.id]);
  assert.equal(outbox.reports()[0]?.refused, undefined, 'it takes some');
  assert.deepEqual(outbox.deadLetters('test/one'), [
    { id: bad.id, topic: 'capture', time: bad.time, endedAt: clock.now(), reason: '400 Bad Request' },
  ]);
  const [report] = outbox.reports();
  assert.deepEqual(
    [report?.dead, report?.delivered, report?.failures, report?.lastError],
    [1, 1, 0, '400 Bad Request'],
  );
  assert.doesNotMatch(JSON.stringify(store.read.all(sql`SELECT * FROM outbox_dead`)), /secret/);
  assert.equal(await outbox.erase(['4/img']), 1);
  assert.deepEqual(outbox.deadLetters('test/one'), []);
});

test('a picture stays for deliveries that wait when it is deleted, and goes with the last of them', async (t) => {
  const { store, folder, outbox, clock, put } = await startOutbox(t);
  const [one, two] = [new TestReceiver(clock, 'test/1'), new TestReceiver(clock, 'test/2')];
  let open = false;
  two.manner = async () => {
    if (!open) throw new Error('away');
  };
  await storePicture(store, 'record/a.jpg');
  outbox.open(one);
  outbox.open(two);
  await put(message({ pictures: [{ part: 'snap', path: 'record/a.jpg' }] }));
  await until('one has it', () => one.arrived.length === 1 && two.attempts.length === 1);
  await store.write((tx) => assert.ok(tx.dropBlob('record/a.jpg')));
  assert.equal(store.blobs.find('record/a.jpg'), undefined, 'hidden from everybody else');
  assert.equal(await store.blobs.open('record/a.jpg'), undefined);
  assert.deepEqual(store.blobs.heldTotals(), { files: 1, bytes: 12 });
  assert.equal(store.blobs.totals().files, 0);
  await store.blobs.idle();
  assert.deepEqual(await filesBelow(folder, 'record'), ['record/a.jpg']);
  open = true;
  await clock.pass(2_000);
  await until('two has it', () => two.arrived.length === 1 && stored(store) === 0);
  assert.deepEqual(
    two.pictures.map((bytes) => bytes && Buffer.from(bytes).toString()),
    ['record/a.jpg', 'record/a.jpg'],
  );
  await store.blobs.idle();
  assert.deepEqual(await filesBelow(folder, 'record', 'staged'), []);
  assert.deepEqual(store.read.all(sql`SELECT * FROM blob_pins`), []);
});

test('a pin of a picture that is kept changes nothing for it', async (t) => {
  const { store, folder, outbox, clock, put } = await startOutbox(t);
  const receiver = new TestReceiver(clock);
  outbox.open(receiver);
  await storePicture(store, 'record/b.jpg');
  await put(
    message({
      pictures: [
        { part: 'snap', path: 'record/b.jpg' },
        { part: 'frame', path: 'record/gone.jpg' },
      ],
    }),
  );
  await until('it arrived', () => stored(store) === 0);
  assert.equal(receiver.pictures[1], undefined);
  await store.blobs.idle();
  assert.equal(store.blobs.find('record/b.jpg')?.size, 12);
  assert.deepEqual(await filesBelow(folder, 'record'), ['record/b.jpg']);
  await store.write((tx) => tx.dropBlob('record/b.jpg'));
  await store.blobs.idle();
  assert.deepEqual(await filesBelow(folder, 'record'), []);
});

test('erasing somebody removes what waits, its pictures, and what is under way', async (t) => {
  const { store, folder, outbox, clock, put } = await startOutbox(t);
  const receiver = new TestReceiver(clock);
  let calledOff = false;
  let hanging = 0;
  receiver.manner = (_message, { signal }) =>
    new Promise((_resolve, reject) => {
      hanging += 1;
      signal.addEventListener('abort', () => {
        calledOff = true;
        reject(new Error('aborted'));
      });
    });
  outbox.open(receiver);
  for (const name of ['a', 'b', 'c']) await storePicture(store, `record/${name}.jpg`);
  const of = (name: string, shows: string[]) =>
    message({ shows, pictures: [{ part: 'snap', path: `record/${name}.jpg` }] });
  const kept = of('c', ['capture/3']);
  await put(of('a', ['capture/1', '4/img']), of('b', ['capture/2', '4/img']), kept);
  await until('the first is under way', () => hanging === 1);
  await store.write((tx) => {
    tx.dropBlob('record/a.jpg');
    tx.dropBlob('record/b.jpg');
  });
  await store.blobs.idle();
  assert.equal((await filesBelow(folder, 'record')).length, 3);
  assert.equal(await outbox.erase(['4/img', '9/nobody']), 2);
  assert.equal(calledOff, true);
  await until('the next is under way', () => receiver.attempts.at(-1)?.id === kept.id);
  assert.equal(receiver.attempts.length, 2, 'nothing of the erased is sent');
  await store.blobs.idle();
  assert.deepEqual(await filesBelow(folder, 'record'), ['record/c.jpg']);
  assert.equal(stored(store), 1);
  assert.equal(outbox.reports()[0]?.failures, 0, 'being erased is no failure of the receiver');
});

test('an erasure that the disk stands in the way of is done later', async (t) => {
  const { store, outbox, clock, put, log } = await startOutbox(t);
  const receiver = new TestReceiver(clock);
  receiver.manner = async () => {
    throw new Error('away');
  };
  outbox.open(receiver);
  await put(message({ shows: ['4/img'] }), message());
  await until('it was tried', () => receiver.attempts.length === 1);
  const { write } = store;
  store.write = () => Promise.reject(new Error('no room'));
  outbox.eraseSurely(['4/img']);
  await until('it could not be done', () => log.lines.some((line) => line.includes('could not be removed yet')));
  assert.equal(stored(store), 2);
  store.write = write;
  await outbox.look();
  assert.equal(stored(store), 1);
});

test('a destination ends with the life of the plugin that opened it, and may be opened again', async (t) => {
  const { store, outbox, clock, put } = await startOutbox(t);
  const life = () => new Life({ plugin: 'test', folder: '/', tally: new Tally(), strayed: () => {}, held: () => {} });
  const [first, second] = [new TestReceiver(clock), new TestReceiver(clock)];
  const lives = [life(), life()] as const;
  const seen: (string | undefined)[] = [];
  second.manner = async () => void seen.push(Life.current === lives[1] ? 'its own' : Life.current?.plugin);
  lives[0].run('start', () => outbox.open(first));
  lives[0].end();
  assert.equal(
    outbox.reports().some(({ open }) => open),
    false,
  );
  lives[1].run('start', () => outbox.open(second));
  await put(message());
  await until('it arrives', () => stored(store) === 0);
  assert.deepEqual([first.attempts.length, second.arrived.length], [0, 1]);
  assert.deepEqual(seen, ['its own'], 'what it does carries the name of its plugin');
});

test('what is recorded while its plugin is started anew waits for a destination, for a while', async (t) => {
  const { store, outbox, clock, put } = await startOutbox(t);
  let comesBack = true;
  const begin = () => {
    const returns = () => comesBack;
    return new Life({ plugin: 'test', folder: '/', tally: new Tally(), returns, strayed: () => {}, held: () => {} });
  };
  const leave = async (life: Life, open: OpenDestination) => {
    life.leaving = true;
    await open.close();
    life.end();
  };
  let receiver = new TestReceiver(clock);
  receiver.wanted = (topic) => topic === 'capture';
  const first = begin();
  const open = first.run('start', () => outbox.open(receiver));
  // One that the plugin itself closes while it runs, as of a receiver that was switched off, is not waited for.
  const other = first.run('start', () => outbox.open(new TestReceiver(clock, 'test/other')));
  await other.close();
  await leave(first, open);
  await put(message({ body: { n: 1 } }), message({ topic: 'alarm' }));
  assert.equal(stored(store), 1, 'it is asked what it wants, as before');
  receiver = new TestReceiver(clock);
  const second = begin();
  const again = second.run('start', () => outbox.open(receiver));
  await until('it arrives', () => receiver.arrived.length === 1);
  await until('that is noted', () => stored(store) === 0);

  await leave(second, again);
  comesBack = false;
  await put(message());
  assert.equal(stored(store), 0, 'the plugin was switched off meanwhile');

  comesBack = true;
  const third = begin();
  await leave(
    third,
    third.run('start', () => outbox.open(new TestReceiver(clock))),
  );
  await clock.pass(AWAY_MS + 1);
  await put(message());
  assert.equal(stored(store), 0, 'it does not come back');
});

test('what arrived just before its plugin ended is noted before the outbox stops', async (t) => {
  const { store, outbox, clock, put } = await startOutbox(t);
  const receiver = new TestReceiver(clock);
  const life = new Life({ plugin: 'test', folder: '/', tally: new Tally(), strayed: () => {}, held: () => {} });
  life.run('start', () => outbox.open(receiver));
  await put(message());
  await until('it arrives', () => receiver.arrived.length === 1);
  life.end();
  await outbox.stop();
  assert.equal(stored(store), 0);
});

test('beyond what may wait the oldest are given up and counted, and recording goes on', async (t) => {
  const { store, outbox, clock, put, log } = await startOutbox(t, { mostWaiting: 20 });
  const receiver = new TestReceiver(clock);
  receiver.manner = async () => {
    throw new Error('away');
  };
  outbox.open(receiver);
  const all = Array.from({ length: 50 }, (_, index) => message({ body: { index } }));
  await put(...all);
  assert.equal(stored(store), 20);
  const [report] = outbox.reports();
  assert.deepEqual([report?.waiting, report?.dead], [20, 30]);
  assert.equal(log.lines.filter((line) => line.includes('deliveries were given up')).length, 1, 'told once a minute');
  receiver.manner = async () => {};
  await clock.pass(600_000);
  await until('the rest arrives', () => stored(store) === 0);
  assert.deepEqual(
    receiver.ids(),
    all.slice(30).map(({ id }) => id),
  );
});

test('all messages together have a limit of bytes, and a message that is too large is not stored', async (t) => {
  const { store, outbox, clock, put } = await startOutbox(t, { mostBytes: 50_000 });
  const receiver = new TestReceiver(clock);
  receiver.manner = async () => {
    throw new Error('away');
  };
  outbox.open(receiver);
  const large = (size: number) => message({ body: { text: 'x'.repeat(size) } });
  for (let count = 0; count < 20; count++) await put(large(9_000));
  const { bytes } = store.read.get<{ bytes: number }>('SELECT bytes FROM outbox_totals');
  assert.ok(bytes <= 50_000 && bytes > 40_000, `${bytes}`);
  assert.equal(outbox.reports()[0]?.dead, 15);
  await put(large(300_000));
  const loop: Record<string, unknown> = {};
  loop['self'] = loop;
  await put(message({ body: loop }), message({ shows: ['a\0b'] }));
  assert.equal(stored(store), 5);
  assert.equal(outbox.reports()[0]?.dead, 18);
});

test('what waits is given up after its time by the wall clock, also for a destination nobody has opened', async (t) => {
  const { store, outbox, clock, put } = await startOutbox(t);
  const receiver = new TestReceiver(clock);
  receiver.keep = 3_600_000;
  receiver.manner = async () => {
    throw new Error('away');
  };
  const opened = outbox.open(receiver);
  await put(message(), message());
  await until('it was tried', () => receiver.attempts.length > 0);
  await opened.close();
  clock.offset += 3_500_000;
  await outbox.look();
  assert.equal(stored(store), 2);
  clock.offset += 200_000;
  await outbox.look();
  assert.equal(stored(store), 0);
  assert.match(outbox.deadLetters('test/one')[0]?.reason ?? '', /too old/);
  assert.deepEqual(
    outbox.reports().map(({ open, waiting, dead }) => ({ open, waiting, dead })),
    [{ open: false, waiting: 0, dead: 2 }],
  );
});

test('forgetting gives up what waits and keeps the destination; removing takes it away', async (t) => {
  const { store, outbox, clock, put } = await startOutbox(t);
  const receiver = new TestReceiver(clock);
  receiver.manner = async () => {
    throw new Error('away');
  };
  outbox.open(receiver);
  await put(...Array.from({ length: 450 }, () => message()));
  assert.equal(await outbox.forget('test/one'), 450);
  assert.equal(stored(store), 0);
  assert.equal(outbox.deadLetters('test/one').length, 100);
  receiver.manner = async () => {};
  assert.equal(outbox.retry('test/one'), true);
  assert.equal(outbox.retry('test/other'), false);
  await put(message());
  await until('it is still open', () => receiver.arrived.length === 1);
  receiver.manner = async () => {
    throw new Error('away');
  };
  await put(message());
  await outbox.remove('test/one');
  assert.deepEqual(outbox.reports(), []);
  assert.equal(stored(store), 0);
  await put(message());
  assert.equal(stored(store), 0, 'nobody wants it any more');
});

test('what is opened again while it is being removed loses nothing that comes then, and leaves nothing behind', async (t) => {
  const { store, outbox, clock, put } = await startOutbox(t);
  const receiver = new TestReceiver(clock);
  receiver.manner = async () => {
    throw new Error('away');
  };
  outbox.open(receiver);
  await put(...Array.from({ length: 300 }, () => message()));
  let removed = false;
  const removing = outbox.remove('test/one').finally(() => {
    removed = true;
  });
  const again = new TestReceiver(clock);
  outbox.open(again);
  // In the same jobs as the removal's own.
  const added: Promise<void>[] = [];
  while (!removed) {
    added.push(put(message()));
    // Not more at once than the store lets wait.
    await (added.length % 50 === 0 ? added.at(-1) : settled());
  }
  await removing;
  await Promise.all(added);
  const last = message();
  await put(last);
  await until('the last arrives', () => again.ids().includes(last.id));
  await until('nothing is left', () => stored(store) === 0);
  assert.deepEqual(
    outbox.reports().map(({ open, waiting }) => ({ open, waiting })),
    [{ open: true, waiting: 0 }],
  );
});

test('pictures that only deliveries keep are given up when the disk needs room, the oldest first', async (t) => {
  const { store, outbox, clock, put, folder } = await startOutbox(t, { mostHeld: 30 });
  const receiver = new TestReceiver(clock);
  receiver.manner = async () => {
    throw new Error('away');
  };
  outbox.open(receiver);
  for (const name of ['a', 'b', 'c', 'd']) {
    await storePicture(store, `record/${name}.jpg`);
    await put(message({ pictures: [{ part: 'snap', path: `record/${name}.jpg` }] }));
  }
  const policy = outbox.retention();
  assert.equal(policy.oldest?.(), undefined);
  assert.equal(policy.bytes?.(), 0);
  assert.equal(await store.write((tx) => policy.removeOldest(tx, 10)), 0, 'what is kept anyway is no room to be won');
  await store.write((tx) => {
    tx.dropBlob('record/a.jpg');
    tx.dropBlob('record/b.jpg');
  });
  assert.equal(policy.oldest?.(), clock.now());
  assert.ok(policy.bytes?.() === store.blobs.heldTotals().bytes && policy.bytes() > 0);
  assert.equal(await store.write((tx) => policy.removeOldest(tx, 1)), 1);
  await store.blobs.idle();
  assert.deepEqual(await filesBelow(folder, 'record'), ['record/b.jpg', 'record/c.jpg', 'record/d.jpg']);
  await store.write((tx) => {
    tx.dropBlob('record/c.jpg');
    tx.dropBlob('record/d.jpg');
  });
  await outbox.look();
  await store.blobs.idle();
  assert.ok(store.blobs.heldTotals().bytes <= 30);
  assert.equal(outbox.reports()[0]?.dead, 4);
});

test('what waited when the box stopped is backlog when it starts, with its pictures', async (t) => {
  const first = await startOutbox(t);
  const away = new TestReceiver(first.clock);
  away.manner = async () => {
    throw new Error('away');
  };
  first.outbox.open(away);
  await storePicture(first.store, 'record/a.jpg');
  const all = [message({ pictures: [{ part: 'snap', path: 'record/a.jpg' }] }), message(), message()];
  await first.put(...all);
  await first.store.write((tx) => tx.dropBlob('record/a.jpg'));
  await first.outbox.stop();
  await first.store.close();

  const second = await startOutbox(t, { folder: first.folder });
  assert.equal(second.outbox.reports()[0]?.waiting, 3);
  const back = new TestReceiver(second.clock);
  second.outbox.open(back);
  await until('all arrive', () => stored(second.store) === 0);
  assert.deepEqual(
    back.ids('backlog'),
    all.map(({ id }) => id),
  );
  assert.equal(Buffer.from(back.pictures[0] ?? []).toString(), 'record/a.jpg');
  await settled();
});
