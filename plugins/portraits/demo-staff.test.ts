import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { GuestDatabase } from '../../core/plugin/face-services.ts';
import { until } from '../../tests/kit/wait.ts';
import { DemoStaff } from './demo-staff.ts';
import type { EnrolRequest, PortraitDatabase, Receipt } from './shapes.ts';

/** A library in memory, that refuses what it is told to. */
class Shelves {
  readonly databases: PortraitDatabase[] = [];
  readonly enrolled: EnrolRequest[] = [];
  readonly log: string[] = [];
  readonly listeners = new Set<() => void>();
  /** By picture's id. */
  readonly faults = new Map<string, Error>();
  removals: unknown[] = [];
  /** Ids of those whom somebody erased. */
  readonly erased = new Set<string>();
  /** While set, enrolments wait for it. */
  gate: Promise<void> | undefined;

  staff(t: TestContext): DemoStaff {
    const say = (fields: object, text: string) => void this.log.push(`${text} ${JSON.stringify(fields)}`);
    const staff = new DemoStaff({
      library: {
        databases: () => [...this.databases],
        createDatabase: async (libName, libType, origin) => this.#create(libName, libType, origin),
        removeDatabase: async (libId, options) => {
          this.removals.push(options);
          const at = this.databases.findIndex((one) => one.libId === libId);
          this.databases.splice(at, 1);
          const pictures = this.enrolled.filter((one) => one.libId === libId).length;
          this.enrolled.splice(0, this.enrolled.length, ...this.enrolled.filter((one) => one.libId !== libId));
          return { ...NOTHING_GONE, pictures, embeddings: pictures };
        },
        get: (libId, imgId) => this.enrolled.find((one) => one.libId === libId && one.imgId === imgId) as never,
        wasErased: (_, imgId) => this.erased.has(imgId),
        forgetErased: async () => this.erased.clear(),
        enrol: async (request) => {
          await this.gate;
          const fault = this.faults.get(request.imgId ?? '');
          if (fault) throw fault;
          if (!this.databases.some(({ libId }) => libId === request.libId))
            throw new ContractError(CODE.noSuchDatabase);
          this.enrolled.push(request);
          return {} as never;
        },
      },
      images: {
        onModels: (listener) => {
          this.listeners.add(listener);
          return () => this.listeners.delete(listener);
        },
      },
      log: { info: say, warn: say },
      againMs: 20,
    });
    t.after(() => staff.stop());
    return staff;
  }

  names(): string[] {
    return this.enrolled.map(({ imgId }) => imgId ?? '');
  }

  modelsChanged(): void {
    for (const listener of this.listeners) listener();
  }

  #create(libName: string, libType: 1 | 2, origin?: 'demo'): PortraitDatabase {
    if (this.databases.some((one) => one.libName === libName)) throw new ContractError(CODE.databaseExists);
    const libId = 1 + Math.max(0, ...this.databases.map((one) => one.libId));
    const made = { libId, libName, libType, pictures: 0, createTime: 0, updateTime: 0, ...(origin ? { origin } : {}) };
    this.databases.push(made);
    return made;
  }
}

const NOTHING_GONE: Receipt = {
  ...{ pictures: 0, embeddings: 0, captures: 0, alarms: 0, messages: 0, exports: 0 },
  unfinished: false,
};

const person = (key: string, gender: 'female' | 'male' = 'female') => ({
  key,
  name: key.toUpperCase(),
  gender,
  age: 34,
  picture: async () => Uint8Array.of(key.length),
});
const BROUGHT: GuestDatabase[] = [
  { type: 2, name: 'Demo staff', people: [person('ada'), person('ben', 'male')] },
  { type: 1, name: 'Demo watch list', people: [person('cleo')] },
];

test('the databases come with their people, behind everything else', async (t) => {
  const shelves = new Shelves();
  const staff = shelves.staff(t);
  assert.deepEqual(await staff.bring('demo', BROUGHT), [1, 2]);
  assert.deepEqual(
    shelves.databases.map(({ libName, libType, origin }) => [libName, libType, origin]),
    [
      ['Demo staff', 2, 'demo'],
      ['Demo watch list', 1, 'demo'],
    ],
  );
  await until('everybody to be enrolled', () => staff.missing === 0);
  assert.deepEqual(shelves.names(), ['ada', 'ben', 'cleo']);
  const { picture, ...told } = shelves.enrolled[1]!;
  assert.deepEqual([...picture], [3]);
  assert.deepEqual(told, {
    libId: 1,
    imgId: 'ben',
    person: { name: 'BEN', gender: '1', age: '34', idcard: '', address: '' },
    quality: 'low',
    lane: 'batch',
  });
});

test('with the next start only what is missing is made, whatever a database is called by then', async (t) => {
  const shelves = new Shelves();
  const first = shelves.staff(t);
  await first.bring('demo', BROUGHT);
  await until('everybody to be enrolled', () => first.missing === 0);
  await first.stop();
  assert.equal(shelves.listeners.size, 0);
  shelves.databases[0]!.libName = 'Colleagues';
  shelves.enrolled.splice(0, 1);
  const second = shelves.staff(t);
  assert.deepEqual(await second.bring('demo', BROUGHT), [1, 2]);
  await until('who is missing', () => second.missing === 0);
  assert.deepEqual(shelves.names(), ['ben', 'cleo', 'ada']);
  assert.equal(shelves.databases.length, 2);
});

test('who was erased by hand stays away, until the demo leaves', async (t) => {
  const shelves = new Shelves();
  const staff = shelves.staff(t);
  await staff.bring('demo', BROUGHT);
  await until('everybody to be enrolled', () => staff.missing === 0);
  shelves.enrolled.splice(0, 1);
  shelves.erased.add('ada');
  await staff.bring('demo', BROUGHT);
  await until('who is missing', () => staff.missing === 0);
  assert.deepEqual([shelves.names(), shelves.log], [['ben', 'cleo'], []]);
  await staff.remove('demo');
  await staff.bring('demo', BROUGHT);
  await until('everybody to be enrolled', () => staff.missing === 0);
  assert.deepEqual(shelves.names(), ['ada', 'ben', 'cleo']);
});

test('a name that is taken gets a number; a database of the user is not touched', async (t) => {
  const shelves = new Shelves();
  const mine = { libId: 7, libName: 'Demo staff', libType: 2 as const, pictures: 0, createTime: 0, updateTime: 0 };
  shelves.databases.push(mine);
  const staff = shelves.staff(t);
  assert.deepEqual(await staff.bring('demo', BROUGHT), [8, 9]);
  assert.equal(shelves.databases[1]?.libName, 'Demo staff 2');
  await until('everybody to be enrolled', () => staff.missing === 0);
  assert.equal(await staff.remove('demo'), 3);
  assert.deepEqual(shelves.databases, [mine]);
});

test('leaving takes everything away, at once also what was still to come', async (t) => {
  const shelves = new Shelves();
  const staff = shelves.staff(t);
  let open = () => {};
  shelves.gate = new Promise((resolve) => (open = resolve));
  await staff.bring('demo', BROUGHT);
  await until('the first enrolment', () => staff.missing === 3);
  const removed = staff.remove('demo');
  open();
  assert.ok((await removed) <= 1, 'the one under way at most');
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([shelves.databases, shelves.enrolled, staff.missing, shelves.log.length], [[], [], 0, 1]);
  assert.deepEqual(shelves.removals, [{ alsoBound: true }, { alsoBound: true }], 'a camera does not hold them');
  assert.equal(await staff.remove('demo'), 0, 'doing it again does no harm');
});

test('what cannot be done now is tried again; a picture that is refused waits for other models', async (t) => {
  const shelves = new Shelves();
  const staff = shelves.staff(t);
  shelves.faults.set('ada', new ContractError(CODE.unknownError, 'no model describes faces'));
  shelves.faults.set('ben', new ContractError(CODE.noFaceFound));
  await staff.bring('demo', BROUGHT);
  await until('it to be tried twice', () => shelves.log.length >= 2);
  assert.match(shelves.log[0] ?? '', /cannot be enrolled yet .*"missing":3.*no model describes faces/);
  assert.deepEqual(shelves.names(), []);
  shelves.faults.delete('ada');
  await until('the others', () => staff.missing === 0);
  assert.deepEqual(shelves.names(), ['ada', 'cleo']);
  shelves.faults.delete('ben');
  shelves.modelsChanged();
  await until('the last', () => shelves.names().length === 3);
  assert.ok(!/ada|ben|cleo/i.test(shelves.log.join()), 'the log names nobody');
});

test('a picture that cannot be read holds up nobody else', async (t) => {
  const shelves = new Shelves();
  const staff = shelves.staff(t);
  const lost = {
    ...person('ada'),
    picture: async () => {
      throw new Error('ENOENT: no such file /somewhere/ada.jpg');
    },
  };
  await staff.bring('demo', [{ type: 2, name: 'Demo staff', people: [lost, person('ben', 'male')] }]);
  await until('the other', () => staff.missing === 0);
  assert.deepEqual(shelves.names(), ['ben']);
  assert.match(shelves.log.join(), /not enrolled .*the picture cannot be read/);
});

test('one who is enrolled under another id is not enrolled a second time', async (t) => {
  const shelves = new Shelves();
  const staff = shelves.staff(t);
  shelves.faults.set('ada', new ContractError(CODE.imageExists));
  await staff.bring('demo', BROUGHT);
  await until('the others', () => staff.missing === 0);
  assert.deepEqual([shelves.names(), shelves.log], [['ben', 'cleo'], []]);
});
