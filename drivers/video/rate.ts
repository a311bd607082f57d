/**
 * How many frames are analysed. `perSecond`: so many, or all where the stream has fewer. `everyNth`: the stream's
 * own rate divided by this number, whatever that rate is.
 */
export type FrameRate = { perSecond: number } | { everyNth: number };

/** What videorate is set to. */
export interface RateSetting {
  framesPerSecond: number;
  /**
   * In its averaging mode videorate keeps no grid of output times. Leaving the mode starts a new grid at the next
   * frame: the only way to make it forget a grid that fell behind a stream which was slow or had stood still, and
   * which would otherwise let every frame through until it has caught up.
   */
  averaging: boolean;
}

interface Sample {
  at: number;
  decoded: number;
  passed: number;
}

/** Fast enough that no camera frame is held back. */
const unlimited = 1000;
/** Until the rate of the stream has been measured. */
const assumedFps = 25;
const windowMs = 4000;
const shortestWindowMs = 900;

/**
 * Measures the rate of a stream from videorate's counters, and says what videorate should be set to. The counters
 * are GStreamer's own, so a blocked event loop does not distort the measurement.
 */
export class RateGovernor {
  readonly #rate: FrameRate;
  #samples: Sample[] = [];
  #setting: RateSetting;
  /** Measured frames per second of the stream, or undefined while it is too early to say. */
  streamFps: number | undefined;

  constructor(rate: FrameRate, expectedFps = assumedFps) {
    this.#rate = rate;
    this.#setting = this.#limit('perSecond' in rate ? rate.perSecond : expectedFps / rate.everyNth);
  }

  get setting(): RateSetting {
    return this.#setting;
  }

  /** The counters start again from 0; what was measured holds until it is measured anew. */
  restart(): void {
    this.#samples = [];
  }

  /**
   * Takes the counters as they are now: frames decoded and frames let through since the pipeline started, at a
   * time in milliseconds. Returns the new setting, or undefined where the present one stays.
   */
  observe(sample: Sample): RateSetting | undefined {
    const last = this.#samples.at(-1);
    // Time before the first frame is no part of the measurement.
    if (!last && sample.decoded === 0) return undefined;
    this.#samples.push(sample);
    while (this.#samples.length > 2 && sample.at - this.#samples[1]!.at >= windowMs) this.#samples.shift();
    const first = this.#samples[0]!;
    const span = sample.at - first.at;
    if (span < shortestWindowMs) return undefined;
    const frames = sample.decoded - first.decoded;
    this.streamFps = snapped((frames * 1000) / span, frames);

    const next = this.#next(last!, sample);
    if (next.framesPerSecond === this.#setting.framesPerSecond && next.averaging === this.#setting.averaging) {
      return undefined;
    }
    this.#setting = next;
    return next;
  }

  #next(last: Sample, now: Sample): RateSetting {
    const streamFps = this.streamFps ?? assumedFps;
    if (streamFps === 0) return this.#setting;
    const wanted = 'perSecond' in this.#rate ? this.#rate.perSecond : streamFps / this.#rate.everyNth;
    if (streamFps <= wanted * 1.1) return { framesPerSecond: unlimited, averaging: true };
    const previous = this.#setting;
    const expected = (wanted * (now.at - last.at)) / 1000;
    const gridIsBehind = !previous.averaging && now.passed - last.passed > expected * 1.5 + 2;
    const next = this.#limit(wanted);
    // Small changes are left alone: each makes every branch agree on its caps anew.
    const near = Math.abs(next.framesPerSecond - previous.framesPerSecond) < previous.framesPerSecond * 0.05;
    return { framesPerSecond: near ? previous.framesPerSecond : next.framesPerSecond, averaging: gridIsBehind };
  }

  #limit(framesPerSecond: number): RateSetting {
    return { framesPerSecond: Math.max(0.001, Math.round(framesPerSecond * 1000) / 1000), averaging: false };
  }
}

/** A measured rate that is a whole number but for the error of counting is taken to be that number. */
function snapped(fps: number, frames: number): number {
  const whole = Math.round(fps);
  const tolerance = Math.max(0.03, 1.5 / Math.max(1, frames));
  return whole > 0 && Math.abs(fps - whole) <= fps * Math.min(0.1, tolerance) ? whole : Math.round(fps * 100) / 100;
}
