/** Where one coordinate is thought to be, how fast it moves (per second), and how sure both are (covariance). */
export interface AxisState {
  readonly position: number;
  readonly velocity: number;
  readonly positionVariance: number;
  readonly covariance: number;
  readonly velocityVariance: number;
}

/**
 * How one coordinate moves: its velocity wanders with this standard deviation (units/s) and is forgotten with
 * this time constant (s). A long time constant gives the constant-velocity model; a finite one keeps an object that
 * nobody sees from being carried away without end.
 */
export interface AxisMotion {
  readonly velocityDeviation: number;
  readonly memory: number;
}

/** A coordinate seen once: its velocity is unknown, zero give or take `velocityDeviation`. */
export function startAxis(position: number, variance: number, velocityDeviation: number): AxisState {
  return {
    position,
    velocity: 0,
    positionVariance: variance,
    covariance: 0,
    velocityVariance: velocityDeviation ** 2,
  };
}

/**
 * The state `dt` seconds later (integrated Ornstein-Uhlenbeck process, exact for any step, so that one step of a
 * second equals five of 0.2). `dt` must not be negative.
 */
export function predictAxis(state: AxisState, dt: number, motion: AxisMotion): AxisState {
  if (dt <= 0) return state;
  const { memory } = motion;
  const noise = (2 * motion.velocityDeviation ** 2) / memory;
  const keep = Math.exp(-dt / memory);
  const reach = memory * (1 - keep);
  const { positionVariance: pp, covariance: pv, velocityVariance: vv } = state;
  return {
    position: state.position + reach * state.velocity,
    velocity: keep * state.velocity,
    positionVariance: pp + 2 * reach * pv + reach ** 2 * vv + noise * driftVariance(dt, memory, keep, reach),
    covariance: keep * (pv + reach * vv) + (noise * reach ** 2) / 2,
    velocityVariance: keep ** 2 * vv + (noise * memory * (1 - keep ** 2)) / 2,
  };
}

/** Variance of the position that unit velocity noise gives in `dt` seconds. */
function driftVariance(dt: number, memory: number, keep: number, reach: number): number {
  // The closed form cancels to nothing for small steps; its first term is right there to a thousandth.
  if (dt < memory * 1e-3) return dt ** 3 / 3;
  return memory ** 2 * (dt - 2 * reach + (memory * (1 - keep ** 2)) / 2);
}

/** The state after seeing the coordinate at `measured` with the given variance (> 0). */
export function correctAxis(state: AxisState, measured: number, variance: number): AxisState {
  const { positionVariance: pp, covariance: pv, velocityVariance: vv } = state;
  const total = pp + variance;
  const gain = pp / total;
  const velocityGain = pv / total;
  const surprise = measured - state.position;
  return {
    position: state.position + gain * surprise,
    velocity: state.velocity + velocityGain * surprise,
    positionVariance: (1 - gain) * pp,
    covariance: (1 - gain) * pv,
    velocityVariance: vv - velocityGain * pv,
  };
}
