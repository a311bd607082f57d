import type { Tx } from '../store/database.ts';
import { cap } from './keys.ts';

/**
 * What leaves the box, and how it is known to have arrived. `outbox@1` is offered by the core; plugins that push open a
 * destination for each receiver, plugins that record put their messages in.
 */

/** Pictures that users choose to push or not (1360). */
export type PicturePart = 'snap' | 'frame' | 'library';

/** A picture that goes with a message. */
export interface OutPicture {
  /** `snap` the cut subject, `frame` the whole scene, `library` the enrolled picture, `plate` the number plate cut out. */
  part: PicturePart | 'plate';
  /** Below `/ws/`. It stays readable until every delivery of the message has ended, whatever is deleted meanwhile. */
  path: string;
}

/** Something that was recorded and that others may want to hear of. */
export interface OutMessage {
  /** UUID; receivers may see it twice. */
  id: string;
  /** `capture`, `alarm`, … */
  topic: string;
  /** Wall clock of what happened, ms. */
  time: number;
  channel?: number;
  origin?: 'demo';
  /** JSON without pictures: of a capture its record (`CaptureRecord` without `crop` and `frame`), of an alarm it. */
  body: Record<string, unknown>;
  pictures: OutPicture[];
  /** Whom it shows (`exportKey`), and `capture/<id>` of the capture it tells of: it goes when one of these is erased. */
  shows: string[];
}

/** The receiver refused for good (4xx, a body it cannot take): trying again would not help. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** `live`: it happened just now; `backlog`: it waited for a receiver that was away. Each is in order (`Destination`). */
export type Lane = 'live' | 'backlog';

/**
 * A receiver, as the plugin that can reach it opens it.
 *
 * What is promised of the order: deliveries of a lane are begun in the order in which the messages were recorded, and
 * one is begun after a later one of its lane only when it has failed before. That happens in two cases: later ones were
 * under way beside it (`window`), or it was set aside, because it has failed three times and the receiver took another
 * message since the last of them. What was set aside is tried now and then until it arrives or is too old. After any
 * other failure the lane goes on with the first that has not arrived. A message may come more than once: when its answer
 * was lost, when the box was killed, or when the destination was closed meanwhile.
 */
export interface Destination {
  /** Of the plugin's own choice, the same after a restart: deliveries that wait belong to it. `<plugin>/<key>`. */
  id: string;
  /** For people. */
  name: string;
  /**
   * Asked inside the write job that records: quick, and without a promise. One that failed may be asked again. While its
   * plugin is started anew, or the box stops, a destination that is closed goes on being asked: what it wants waits.
   */
  wants(message: Omit<OutMessage, 'pictures'>): boolean;
  /** What it wanted is stored and waits for it. Told within the commit: quick. */
  took?(message: Omit<OutMessage, 'pictures'>): void;
  /**
   * Sends one message; resolved, it has arrived. Rejected with `RefusedError` it is given up, with anything else tried
   * again. One at a time in each lane, or as many as `window` says.
   * @param picture reads one of the message's pictures, undefined where it is gone
   */
  deliver(
    message: OutMessage,
    picture: (path: string) => Promise<Uint8Array | undefined>,
    context: { signal: AbortSignal; lane: Lane; attempt: number },
  ): Promise<void>;
  /**
   * Deliveries that may be under way at once in each lane; default 1. `deliver` is called in the order of the messages;
   * from there on the destination keeps it, as one connection does. After a failure it is one for a while.
   */
  window?: number;
  /** A delivery that takes longer has failed, ms; default 15,000. */
  deadline?: number;
  /** Given up so long after it was recorded, ms; default a day. */
  keep?: number;
}

export interface DestinationReport {
  id: string;
  name: string;
  /** Opened at the moment; what waits for one that is not is kept. */
  open: boolean;
  waiting: number;
  /** Of these, messages that alone fail: set aside, so that they hold up nobody. Absent: none. */
  aside?: number;
  /** Wall clock of the oldest that waits, ms. */
  oldest?: number;
  delivered: number;
  /** Given up: refused, too old, or too many waited. */
  dead: number;
  /** Failures in a row, and the last one's reason. */
  failures: number;
  /** Refused for good in a row, none having arrived in between: it is there, and takes nothing. Absent: none. */
  refused?: number;
  lastError?: string;
  lastDelivered?: number;
  /** While it pauses after a failure: until when, wall clock, ms. */
  pausedUntil?: number;
}

/** A message that was given up. What it said is not kept. */
export interface DeadLetter {
  id: string;
  topic: string;
  /** Wall clock of what it told of, and of giving it up, ms. */
  time: number;
  endedAt: number;
  reason: string;
}

export interface OpenDestination {
  /** Tries at once again, instead of after the pause. */
  retry(): void;
  /** Closes it; what waits is kept for when it is opened again. Resolves when no delivery is under way. */
  close(): Promise<void>;
}

export interface Outbox {
  /** @throws Error when a destination of that id is open */
  open(destination: Destination): OpenDestination;
  /** Puts a message in for every destination that wants it, within the job that stores what it tells of. */
  add(tx: Tx, message: OutMessage): void;
  /** Forgets a destination with everything that waits for it. */
  remove(id: string): Promise<void>;
  reports(): DestinationReport[];
  /** Tries a destination at once again, instead of after its pause. False: none of that id is open. */
  retry(id: string): boolean;
  /** Gives up what waits for a destination, which stays. @returns how many went */
  forget(id: string): Promise<number>;
  /** What was given up last, newest first, 100 at most. */
  deadLetters(id: string): DeadLetter[];
  /** Removes messages, waiting or given up, that show one of these. @returns how many went. */
  erase(shows: readonly string[]): Promise<number>;
  /** The same within a job that deletes what they show. */
  eraseIn(tx: Tx, shows: readonly string[]): number;
}

export const outbox = cap<Outbox>('outbox@1');

/** What the owner of the box allows beyond the rules of `core/net/addresses.ts`; offered by the core. */
export interface Outgoing {
  /** Pushes may go to the box itself. */
  readonly allowLoopback: boolean;
}

export const outgoing = cap<Outgoing>('outgoing@1');

/** Which pictures go with pushes in the form of the interface (774, 777); offered by the plugin push-http. */
export interface PushImages {
  wanted(part: PicturePart): boolean;
}

export const pushImages = cap<PushImages>('push.images@1');

/** Faces of today by what the comparison said, in the terms of messages 1050 and 778; offered by the plugin captures. */
export interface CaptureCounts {
  /** Reads them anew: a few milliseconds. */
  today(): Promise<{ keyPersons: number; whiteList: number; strangers: number }>;
}

export const captureCounts = cap<CaptureCounts>('capture.counts@1');

// --- what other systems may ask of the box ----------------------------------------------------------------------

/** Something that a person or another system may have done: a relay closes, a door opens. */
export interface Action {
  /** `[A-Za-z0-9_-]`, at most 64 characters, the same after a restart: `<plugin>-<what>`. */
  id: string;
  /** For people. */
  name: string;
  /** Resolved, it was done; rejected with an `Error` that says why not, in a sentence. */
  run(): Promise<void>;
}

/** What can be done on this box. Offered by the core, filled by plugins that have something to do. */
export interface Actions {
  /**
   * Offers one. Gives the function that takes it back; it also goes with the plugin, in whose name it is run.
   * @throws Error for an id that is none, or is taken
   */
  register(action: Action): () => void;
  list(): Action[];
  /** Listens for what comes and goes. Gives the function that ends it. */
  onChanged(listener: () => void): () => void;
}

export const actions = cap<Actions>('action@1');

// --- what a rule may do ------------------------------------------------------------------------------------------

/** What brought a message to a reaction. */
export interface ReactionContext {
  signal: AbortSignal;
  lane: Lane;
  attempt: number;
  rule: { id: number; name: string };
}

/** Something a rule of the user may do with a message: tell a receiver, mail somebody, run an action. */
export interface Reaction {
  /** `<plugin>/<key>`, the same after a restart; the key holds letters, digits, `.`, `-` and `_`, 80 at most. */
  id: string;
  kind: 'push' | 'mqtt' | 'mail' | 'web-push' | 'action';
  /** For people: who or what is reached. */
  name: string;
  /** Topics of messages it has words for; no others are brought to it. `test`: it can be tried. */
  topics: readonly ('capture' | 'alarm' | 'test')[];
  /** As `Destination.deliver`: resolved, it is done; `RefusedError` gives it up, anything else is tried again. */
  deliver(
    message: OutMessage,
    picture: (path: string) => Promise<Uint8Array | undefined>,
    context: ReactionContext,
  ): Promise<void>;
  /** As of a `Destination`. */
  deadline?: number;
  keep?: number;
}

export interface OfferedReactions {
  /**
   * Offers these in place of those before, at any time. What waits for one that is offered anew is tried at once.
   * @throws Error for an id that is none, or stands there twice
   */
  offer(reactions: readonly Reaction[]): void;
}

/** What rules may do on this box. Offered by the core, filled by plugins that reach somebody or something. */
export interface Reactions {
  /** What a plugin offers. To be asked for in `setup` or `start`: it goes with the plugin. */
  by(plugin: string): OfferedReactions;
  list(): Reaction[];
  find(id: string): Reaction | undefined;
  /** Listens for what comes and goes. Gives the function that ends it. */
  onChanged(listener: () => void): () => void;
}

export const reactions = cap<Reactions>('reactions@1');

/** What was recorded, as it was put into the outbox then. */
export interface PastMessages {
  /** Those of a moment (ms) and later that are still there, newest first, so many at most. */
  since(from: number, most: number): Promise<OutMessage[]>;
}

/** Offered by the plugins captures and alarms. */
export const pastCaptures = cap<PastMessages>('capture.past@1');
export const pastAlarms = cap<PastMessages>('alarm.past@1');

/** Switches cameras of the user off and on again. Offered by plugin cameras. */
export interface CameraSwitches {
  /** Undefined where there is no such camera, or none of the user's. */
  enabled(channel: number): boolean | undefined;
  /** @throws ContractError `noSuchCamera`, or `wrongParameter` for a scene of the demo site */
  setEnabled(channel: number, enabled: boolean): Promise<void>;
}

export const cameraSwitches = cap<CameraSwitches>('camera.switch@1');

/** The alarms that somebody has to look at. Offered by plugin alarms. */
export interface AlarmDesk {
  /** Acknowledges an open alarm. The first word stands. @returns false where there is none of that number that is open */
  acknowledge(id: number, by: string, note: string): Promise<boolean>;
  /** Kinds of the alarms that are kept. */
  kinds(): Promise<string[]>;
}

export const alarmDesk = cap<AlarmDesk>('alarm.desk@1');
