import type { VideoFrame } from '../../drivers/video/frame.ts';
import {
  type DescriberInstance,
  descriptionSchema,
  MOST_ATTRIBUTES,
  MOST_MODELS,
  type Shot,
  type WholeDescription,
} from './describer.ts';
import type { CaptureKind, CaptureObservation, StageLoad } from './keys.ts';
import { StageMeter } from './load.ts';
import type { PlannedDescriber } from './protocol.ts';
import { cutsOf, inFrame, type Subject, takeShot } from './shots.ts';

/** Captures of one camera that may wait to be described; one more goes undescribed. */
const MOST_WAITING = 32;
/** Where so many wait, nothing is looked at that nothing is kept of. */
const MOST_WAITING_LOOKS = 4;
/** Captures described in one turn of a camera, and the time after which no further one is begun, ms: the others want theirs, too. */
const PER_TURN = 8;
const TURN_MS = 100;
/** Captures may be minutes apart: a fault is shown until the describer succeeds, but no longer than this, ms. */
const FAILING_MS = 600_000;

/** A describer at work for one camera. */
export interface RunningDescriber {
  planned: PlannedDescriber;
  instance: DescriberInstance;
}

export interface DescribingEvents {
  /** Whether the core still has room for a capture whose description is to follow. */
  mayAwait(): boolean;
  /**
   * A capture is ready to leave.
   * @param awaits more of it follows under this number
   */
  captured(capture: CaptureObservation, awaits: number | undefined): void;
  /** Resolves when captures that were told are out of the process, or leaving takes too long. */
  left(): Promise<void>;
  /** What was found out about the capture of that number; told for each one, once. */
  described(number: number, description: WholeDescription): void;
  failed(describer: string, error: Error): void;
  /** A describer is entered. */
  doing(describer: string): void;
}

/**
 * The captures of one camera on their way out. Each leaves at once, and what describers say of it follows: where one
 * takes the worker down, the capture is safe.
 */
export class Describing {
  readonly #describers: (RunningDescriber & { meter: StageMeter })[];
  readonly #events: DescribingEvents;
  readonly #nextNumber: () => number;
  readonly #aliveFrom: number | undefined;
  readonly #waiting: { shot: Shot; told(description: WholeDescription): void }[] = [];
  #gaveUp = false;

  /**
   * @param nextNumber numbers that no other camera of the worker uses
   * @param aliveFrom as of a shot
   */
  constructor(describers: RunningDescriber[], nextNumber: () => number, events: DescribingEvents, aliveFrom?: number) {
    const now = performance.now();
    this.#describers = describers.map((one) => ({ ...one, meter: new StageMeter(one.planned.id, now, FAILING_MS) }));
    this.#nextNumber = nextNumber;
    this.#aliveFrom = aliveFrom;
    this.#events = events;
  }

  /** Captures and looks that wait for a turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** What describers will be shown of a subject, so that its frame may go; undefined where none looks at its kind. */
  shot(frame: VideoFrame, subject: Subject): Shot | undefined {
    const wanted = this.#lookingAt(subject.kind);
    if (wanted.length === 0) return undefined;
    try {
      const shot = takeShot(
        frame,
        subject,
        wanted.flatMap(({ planned }) => cutsOf(planned)),
      );
      return this.#aliveFrom === undefined ? shot : { ...shot, aliveFrom: this.#aliveFrom };
    } catch (error) {
      this.#fail(wanted[0]!, error);
      return undefined;
    }
  }

  add(capture: CaptureObservation, shot: Shot | undefined): void {
    const room = this.#waiting.length < MOST_WAITING && this.#events.mayAwait();
    if (!shot || this.#gaveUp || !room) {
      this.#events.captured(capture, undefined);
      return;
    }
    const number = this.#nextNumber();
    this.#events.captured(capture, number);
    this.#waiting.push({ shot, told: (description) => this.#events.described(number, description) });
  }

  /** Describes a subject nothing is kept of. False: it is dropped, because enough wait. */
  look(shot: Shot, told: (description: WholeDescription) => void): boolean {
    if (this.#gaveUp || this.#waiting.length >= MOST_WAITING_LOOKS) return false;
    this.#waiting.push({ shot, told });
    return true;
  }

  /** Describes nothing any more: captures leave as they are. */
  giveUp(): void {
    this.#gaveUp = true;
    this.#waiting.length = 0;
  }

  /** Describes what has waited longest. */
  async turn(): Promise<void> {
    if (this.#waiting.length === 0) return;
    // A large picture leaves only while nothing else is done: not while a describer looks, nor after it crashed.
    await this.#events.left();
    const enough = performance.now() + TURN_MS;
    for (let n = 0; n < PER_TURN && (n === 0 || performance.now() < enough); n += 1) {
      const next = this.#waiting.shift();
      if (!next) return;
      next.told(await this.#describe(next.shot));
    }
  }

  /** What each describer costs, `ms` being the time of a capture. */
  loads(now: number): StageLoad[] {
    return this.#describers.map(({ meter }) => ({ ...meter.read(now), per: 'capture' }));
  }

  async #describe(shot: Shot): Promise<WholeDescription> {
    const whole: WholeDescription & { attributes: Record<string, string> } = { attributes: {}, describedBy: [] };
    for (const one of this.#lookingAt(shot.kind)) {
      const { planned, instance, meter } = one;
      this.#events.doing(planned.id);
      const began = performance.now();
      try {
        const found = descriptionSchema.parse(await instance.describe(shot));
        const { attributes = {}, aliveType, status, plate, embedding } = found;
        if (embedding && !planned.model) throw new Error('an embedding without a model means nothing');
        const said = aliveType || status || plate || Object.keys(attributes).length > 0;
        const describedBy = [...whole.describedBy, ...(said ? modelsOf(planned) : [])];
        const all = { ...whole.attributes, ...attributes };
        if (Object.keys(all).length > MOST_ATTRIBUTES || describedBy.length > MOST_MODELS)
          throw new Error(`with other describers more than ${MOST_ATTRIBUTES} attributes or ${MOST_MODELS} models`);
        Object.assign(whole, { attributes: all, describedBy });
        if (aliveType) whole.aliveType = aliveType;
        if (status) whole.status = status;
        if (plate) whole.plate = { ...plate, box: inFrame(shot, plate.box) };
        if (embedding && planned.model) whole.embedding = { model: planned.model.id, vector: embedding };
        meter.recovered();
      } catch (error) {
        this.#fail(one, error);
      }
      const ended = performance.now();
      meter.took(ended, ended - began);
    }
    return whole;
  }

  #lookingAt(kind: CaptureKind) {
    return this.#describers.filter(({ planned }) => planned.kinds.includes(kind));
  }

  #fail({ planned, meter }: { planned: PlannedDescriber; meter: StageMeter }, error: unknown): void {
    const fault = error instanceof Error ? error : new Error(String(error));
    meter.failed(performance.now(), fault.message);
    this.#events.failed(planned.id, fault);
  }
}

/** Ids of all that speak where a describer says something. */
function modelsOf({ model, further = {} }: PlannedDescriber): string[] {
  if (!model) return [];
  return [model, ...(model.others ?? []), ...Object.values(further)].map(({ id }) => id);
}
