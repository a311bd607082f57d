import { Camera } from '../render/camera.ts';
import type { Actor, EventKind, EventTruth, Point, PoseKind, Uniform, World } from '../render/types.ts';
import type { Zone } from './scene.ts';

/** What counts as an event in a scene; areas and lines by the names of its zones, times in seconds. */
export type Rule =
  | { kind: 'crossing'; line: string }
  | { kind: 'intrusion'; area: string; after: number }
  | { kind: 'leaving-post'; area: string; after: number }
  | { kind: 'dozing'; after: number }
  | { kind: 'no-helmet'; area: string }
  | { kind: 'no-work-clothes'; area: string; allowed: readonly Uniform[] }
  | { kind: 'smoking' | 'phone' | 'fall' | 'fight' | 'fire' | 'smoke' | 'spoof' }
  | { kind: 'crowd'; area: string; people: number; after: number }
  /** Who is in the area for that long in all, as one person: also with walks out of it between. */
  | { kind: 'loitering'; area: string; after: number }
  /** No extinguisher stands in the area. */
  | { kind: 'extinguisher'; area: string; after: number };

/** One moment, as the rules see it. */
interface Moment {
  seconds: number;
  world: World;
  /** Where actors stand and vehicles are on the ground, in the picture. */
  feet: ReadonlyMap<string, Point>;
  /** Whose chest is inside the picture. */
  seen: readonly Actor[];
}

const POSES: Partial<Record<EventKind, readonly PoseKind[]>> = {
  smoking: ['smoke'],
  phone: ['phone', 'call'],
  fall: ['fall'],
  fight: ['fight'],
};

/**
 * Works out what happens from where people, vehicles and things are: `worlds` holds one world a frame. An event lasts
 * from the frame in which its cause begins to the one in which it ends; causes shorter than the rule's time are none.
 * Throws a RangeError where a rule names a zone that is not there.
 */
export function eventsOf(
  worlds: readonly World[],
  fps: number,
  zones: readonly Zone[],
  rules: readonly Rule[],
): EventTruth[] {
  const first = worlds[0];
  if (!first) return [];
  const lens = new Camera(first.camera);
  const moments = worlds.map((world, frame) => momentOf(world, frame / fps, lens));
  const events = rules.flatMap((rule) => {
    const zone = 'line' in rule ? rule.line : 'area' in rule ? rule.area : undefined;
    const points = zone === undefined ? [] : zones.find((one) => one.name === zone)?.points;
    if (!points) throw new RangeError(`the rule ${rule.kind} names the zone ${zone}, which is not there`);
    return happenings(rule, moments, points, 1 / fps);
  });
  return events.sort((a, b) => a.start - b.start || (a.kind < b.kind ? -1 : 1));
}

function momentOf(world: World, seconds: number, lens: Camera): Moment {
  const feet = new Map<string, Point>();
  for (const { id, position } of [...world.actors, ...world.vehicles]) {
    const { x, y } = lens.project(position);
    feet.set(id, [x, y]);
  }
  const { width, height } = world.camera;
  const seen = world.actors.filter((actor) => {
    const chest = lens.project({ ...actor.position, y: actor.pose === 'fall' ? 0.4 : 1.1 });
    return chest.depth > 0.3 && chest.x >= 0 && chest.x < width && chest.y >= 0 && chest.y < height;
  });
  return { seconds, world, feet, seen };
}

function happenings(rule: Rule, moments: readonly Moment[], points: readonly Point[], frame: number): EventTruth[] {
  const inside = (moment: Moment): Actor[] =>
    moment.world.actors.filter((actor) => within(moment.feet.get(actor.id)!, points));
  const each = (test: (moment: Moment) => readonly Actor[], after = 0): EventTruth[] =>
    perActor(rule.kind, moments, frame, (moment) => test(moment).map(({ id }) => id), after);
  switch (rule.kind) {
    case 'crossing':
      return crossings(moments, points);
    case 'intrusion':
      return each(inside, rule.after);
    case 'no-helmet':
      return each((moment) => inside(moment).filter(({ person }) => person.look.hat?.style !== 'st_hard_hat'));
    case 'no-work-clothes':
      return each((moment) => inside(moment).filter(({ person }) => !rule.allowed.includes(person.clothes.uniform)));
    case 'dozing':
      return each((moment) => moment.seen.filter(({ pose }) => pose === 'doze'), rule.after);
    case 'smoking':
    case 'phone':
      return each((moment) => moment.seen.filter(({ pose }) => POSES[rule.kind]!.includes(pose)));
    case 'fall':
      return each((moment) => moment.seen.filter(({ pose }) => pose === 'fall'));
    case 'fight':
      return together(rule.kind, moments, frame, (moment) =>
        atLeast(
          2,
          moment.seen.filter(({ pose }) => pose === 'fight'),
        ),
      );
    case 'crowd':
      return together(rule.kind, moments, frame, (moment) => atLeast(rule.people, inside(moment)), rule.after);
    case 'leaving-post':
      return empties(moments, frame, inside, rule.after);
    case 'loitering':
      return loiterings(moments, frame, inside, rule.after);
    case 'fire':
    case 'smoke':
      return perActor(rule.kind, moments, frame, ({ world }) =>
        world.things.filter(({ kind }) => kind === rule.kind).map(({ id }) => id),
      );
    case 'spoof':
      return each(({ world, seen }) =>
        seen.filter(({ id }) => world.things.some((thing) => thing.kind === 'picture' && thing.heldBy === id)),
      );
    case 'extinguisher':
      return together(rule.kind, moments, frame, ({ world }) => (standsIn(world, points) ? undefined : []), rule.after);
  }
}

function atLeast(people: number, actors: readonly Actor[]): string[] | undefined {
  return actors.length >= people ? actors.map(({ id }) => id) : undefined;
}

function standsIn(world: World, points: readonly Point[]): boolean {
  const lens = new Camera(world.camera);
  return world.things.some((thing) => {
    // Carried about, it is not where it belongs.
    if (thing.kind !== 'extinguisher' || thing.position.y > 0.1) return false;
    const { x, y } = lens.project(thing.position);
    return within([x, y], points);
  });
}

/** One event for each actor and each time without a gap that the test names him. */
function perActor(
  kind: EventKind,
  moments: readonly Moment[],
  frame: number,
  test: (moment: Moment) => readonly string[],
  after = 0,
): EventTruth[] {
  const events: EventTruth[] = [];
  const open = new Map<string, EventTruth>();
  for (const moment of moments) {
    const now = test(moment);
    for (const [id, event] of open) if (!now.includes(id)) open.delete(id) && events.push(event);
    for (const id of now) {
      const event = open.get(id);
      if (event) event.end = rounded(moment.seconds + frame);
      else open.set(id, { kind, of: [id], start: rounded(moment.seconds), end: rounded(moment.seconds + frame) });
    }
  }
  events.push(...open.values());
  return events.filter(({ start, end }) => end - start >= after);
}

/** One event for each time without a gap in which the test names somebody; who takes part is everybody named in it. */
function together(
  kind: EventKind,
  moments: readonly Moment[],
  frame: number,
  test: (moment: Moment) => readonly string[] | undefined,
  after = 0,
): EventTruth[] {
  const events: EventTruth[] = [];
  let open: EventTruth | undefined;
  for (const moment of moments) {
    const now = test(moment);
    if (!now) {
      open = undefined;
      continue;
    }
    if (!open) events.push((open = { kind, of: [], start: rounded(moment.seconds), end: 0 }));
    open.end = rounded(moment.seconds + frame);
    open.of = [...new Set([...open.of, ...now])];
  }
  return events.filter(({ start, end }) => end - start >= after);
}

function crossings(moments: readonly Moment[], line: readonly Point[]): EventTruth[] {
  const [a, b] = [line[0]!, line[1]!];
  const events: EventTruth[] = [];
  moments.forEach((moment, place) => {
    const before = moments[place - 1]?.feet;
    for (const [id, now] of moment.feet) {
      const was = before?.get(id);
      if (!was) continue;
      const [from, to] = [side(a, b, was), side(a, b, now)];
      if (from > 0 === to > 0 || side(was, now, a) > 0 === side(was, now, b) > 0) continue;
      const seconds = rounded(moment.seconds);
      // With y down, what lies on the right of somebody who looks along the line has a positive side.
      const direction = to > 0 ? 'left-to-right' : 'right-to-left';
      events.push({ kind: 'crossing', of: [id], start: seconds, end: seconds, direction });
    }
  });
  return events;
}

/** Times when nobody is at the post; those who left it last take part. */
function empties(
  moments: readonly Moment[],
  frame: number,
  inside: (moment: Moment) => readonly Actor[],
  after: number,
): EventTruth[] {
  let last: string[] = [];
  const leavers = new Map<number, string[]>();
  for (const moment of moments) {
    const now = inside(moment).map(({ id }) => id);
    if (now.length > 0) last = now;
    else leavers.set(rounded(moment.seconds), last);
  }
  return together('leaving-post', moments, frame, (moment) => leavers.get(rounded(moment.seconds)), after);
}

function loiterings(
  moments: readonly Moment[],
  frame: number,
  inside: (moment: Moment) => readonly Actor[],
  after: number,
): EventTruth[] {
  const visits = new Map<string, { ids: Set<string>; stayed: number; start: number; end: number }>();
  for (const moment of moments) {
    for (const { id, person } of inside(moment)) {
      const visit = visits.get(person.face.id) ?? { ids: new Set(), stayed: 0, start: moment.seconds, end: 0 };
      visit.ids.add(id);
      visit.stayed += frame;
      visit.end = moment.seconds + frame;
      visits.set(person.face.id, visit);
    }
  }
  return [...visits.values()]
    .filter(({ stayed }) => stayed >= after)
    .map(({ ids, start, end }) => ({ kind: 'loitering', of: [...ids], start: rounded(start), end: rounded(end) }));
}

/** Positive where `p` lies to the right of the way from `a` to `b`, as it is seen in the picture. */
function side(a: Point, b: Point, p: Point): number {
  return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
}

/** Even-odd rule. */
function within(p: Point, polygon: readonly Point[]): boolean {
  let odd = false;
  polygon.forEach((a, place) => {
    const b = polygon[(place + 1) % polygon.length]!;
    if (a[1] > p[1] === b[1] > p[1]) return;
    if (p[0] < a[0] + ((p[1] - a[1]) / (b[1] - a[1])) * (b[0] - a[0])) odd = !odd;
  });
  return odd;
}

/** Milliseconds are enough. */
function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
