import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OutMessage, PastMessages, Reaction, Reactions } from '../../core/plugin/push-services.ts';
import { Quiet } from './quiet.ts';
import { takes } from './rule.ts';
import { fits, type Seen, seenOf, type When } from './when.ts';

export const PREVIEW_MS = 24 * 60 * 60 * 1000;
/** Events of each sort that are looked at, the newest. */
export const MOST_LOOKED_AT = 5_000;
const MOST_SHOWN = 50;
const PIECE = 250;

/** An event a rule would have fired for. */
export interface PreviewEvent {
  key: string;
  time: number;
  channel: number;
  camera: string;
  what: string;
  group?: string;
  /** Of an alarm its title, of a capture who was recognised. */
  title: string;
  demo: boolean;
  /** Below `/ws/`. */
  picture?: string;
}

export interface Preview {
  /** ms; it was looked at what happened from then on. */
  from: number;
  looked: number;
  /** There was more: it begins later than `from`. */
  cut: boolean;
  /** Times the rule would have fired, and events that fit it but came while it kept quiet. */
  fired: number;
  quiet: number;
  /** Of those it would have fired for, how many are of the demo site. */
  demo: number;
  /** The newest it would have fired for, newest first. */
  events: PreviewEvent[];
}

export interface PreviewParts {
  captures: PastMessages | undefined;
  alarms: PastMessages | undefined;
  reactions: Reactions;
  now: number;
  zone: string;
}

/** What a rule would have done in the last day, decided by the same functions as live. */
export async function preview(rule: { when: When; steps: string[] }, parts: PreviewParts): Promise<Preview> {
  const from = parts.now - PREVIEW_MS;
  const { messages, cut } = await happened(rule.when, from, parts);
  const steps = rule.steps.flatMap((id) => parts.reactions.find(id) ?? []);
  const quiet = new Quiet();
  const found = { from, looked: messages.length, cut, fired: 0, quiet: 0, demo: 0 };
  const events: PreviewEvent[] = [];
  for (const [at, message] of messages.entries()) {
    // A day of records would keep the event loop from everybody else.
    if (at % PIECE === 0) await nextTurn();
    const seen = seenOf(message);
    if (!seen || !taken(steps, seen, rule.when) || !fits(rule.when, seen, parts.zone)) continue;
    if (!quiet.take(0, seen, rule.when.quietMinutes, 0)) {
      found.quiet += 1;
      continue;
    }
    found.fired += 1;
    if (seen.demo) found.demo += 1;
    events.push(eventOf(message, seen));
    if (events.length > MOST_SHOWN) events.shift();
  }
  return { ...found, events: events.reverse() };
}

/** What a rule about such things is to look at, in the order it happened. */
async function happened({ what }: When, from: number, { captures, alarms }: PreviewParts) {
  const wants = (topic: string) => what.some((one) => one.startsWith(topic));
  const [seen = [], raised = []] = await Promise.all([
    wants('capture') ? captures?.since(from, MOST_LOOKED_AT) : [],
    wants('alarm') ? alarms?.since(from, MOST_LOOKED_AT) : [],
  ]);
  const cut = seen.length >= MOST_LOOKED_AT || raised.length >= MOST_LOOKED_AT;
  return { messages: [...seen, ...raised].sort((one, other) => one.time - other.time), cut };
}

/** A rule without steps takes everything: it is not finished. */
function taken(steps: readonly Reaction[], seen: Seen, { demo }: When): boolean {
  return steps.length === 0 || steps.some((one) => takes(one.kind, one, seen, demo));
}

function eventOf({ id, body, pictures, topic }: OutMessage, seen: Seen): PreviewEvent {
  const { what, time, channel, group, demo } = seen;
  const match = body['match'] as { personName?: string } | undefined;
  const known = group === 'key' || group === 'white';
  const picture = pictures.find(({ part }) => part === 'snap')?.path;
  return {
    key: topic === 'alarm' ? `alarm ${body['id']}` : id,
    ...{ time, channel, what, demo },
    camera: String(body['cameraName'] ?? ''),
    ...(group === undefined ? {} : { group }),
    title: topic === 'alarm' ? String(body['title'] ?? '') : known ? (match?.personName ?? '') : '',
    ...(picture === undefined ? {} : { picture }),
  };
}
