import { NumericsError } from '../errors.js';
import { logGamma } from './log-gamma.js';

export interface RateHistory {
  /** Events seen. */
  readonly events: number;
  /** Over which time; any unit. */
  readonly time: number;
}

/** Jeffreys' prior for a rate adds half an event. */
const PRIOR_EVENTS = 0.5;

/**
 * P(N >= count) of the events in `time` to come, where the rate is known from a history
 * only: a Poisson number whose rate has the gamma distribution that the history leaves,
 * hence negative binomial (Gelman et al., Bayesian Data Analysis, 2.6). Wider than the
 * Poisson distribution where the history is short, and equal to it where it is long.
 *
 * predictedTail(1, { events: 0, time: 1 }, 1) is 1 - (1/2)^0.5.
 *
 * @throws NumericsError bad_option unless both times are above 0.
 */
export function predictedTail(count: number, history: RateHistory, time: number): number {
  if (!(history.time > 0 && time > 0 && history.events >= 0))
    throw new NumericsError(
      'bad_option',
      `history: expected times above 0, found ${history.events} events in ${history.time}, then ${time}`,
    );
  if (count <= 0) return 1;
  const n = Math.ceil(count);
  const shape = history.events + PRIOR_EVENTS;
  const again = time / (history.time + time);
  const logTerm = (k: number): number =>
    logGamma(k + shape) -
    logGamma(shape) -
    logGamma(k + 1) +
    shape * Math.log1p(-again) +
    k * Math.log(again);
  const mean = (shape * time) / history.time;
  if (n <= mean) {
    let head = 0;
    let term = Math.exp(logTerm(n - 1));
    for (let k = n - 1; k >= 0 && term > head * Number.EPSILON; k--) {
      head += term;
      term *= k / ((k - 1 + shape) * again);
    }
    return Math.max(0, 1 - head);
  }
  let tail = 0;
  let term = Math.exp(logTerm(n));
  for (let k = n; term > tail * Number.EPSILON; k++) {
    tail += term;
    term *= ((k + shape) / (k + 1)) * again;
  }
  return Math.min(1, tail);
}
