import { createRng } from '@glitchwatch/numerics';
import { classOf, simulatorClasses } from './classes/index.js';
import { createDraws } from './draws.js';
import { SimulatorError } from './errors.js';
import type { NextGlitch } from './simulator.js';

export interface ScenarioOptions {
  readonly seed: number;
  /** Taken in turn; default all of `simulatorClasses`. */
  readonly classes?: readonly string[];
  readonly ifos?: readonly string[];
  /** Default 1400000000 s. */
  readonly startGpsNs?: bigint;
  /** Mean rate without bursts; default 1 per second. */
  readonly ratePerSec?: number;
  /** The rate swings by this share with the GPS day, highest at its first quarter; 0 ... 1. */
  readonly daily?: number;
  /** Bursts per hour, each 4 to 20 glitches of one class within ten seconds. */
  readonly burstsPerHour?: number;
  /** Classes that come only after so many seconds, and then in turn with the others. */
  readonly begins?: ReadonlyMap<string, number>;
  /** Classes whose frequencies drift, in octaves per hour. */
  readonly drifts?: ReadonlyMap<string, number>;
  /** Share of glitches with another in the same stretch. */
  readonly overlaps?: number;
  /** SNR of the loudest tile, drawn uniformly in the logarithm; default each class's own. */
  readonly snr?: readonly [number, number];
}

export interface PlannedGlitch {
  /** What `Simulator.at` takes. */
  readonly n: number;
  readonly choice: NextGlitch & { readonly className: string; readonly peakGpsNs: bigint };
  /** Which burst it belongs to, counted from 0. */
  readonly burst?: number;
}

export interface Scenario {
  next(): PlannedGlitch;
}

const DAY_SEC = 86_400;
const BURST_SEC = 10;
const FIRST_GPS_NS = 1_400_000_000_000_000_000n;
/** Frequencies stay within the band however long the drift lasts. */
const MOST_OCTAVES = 2;

interface Event {
  readonly atSec: number;
  readonly className?: string;
  readonly burst?: number;
}

/**
 * When which glitch comes: a Poisson process with a daily rhythm, bursts,
 * classes that begin late and classes that drift. A pure function of its
 * options; the glitches themselves are drawn by `Simulator.at`.
 *
 * @throws SimulatorError unknown_class, bad_option
 */
export function createScenario(options: ScenarioOptions): Scenario {
  const { daily = 0, burstsPerHour = 0, overlaps = 0, ratePerSec = 1 } = options;
  const begins = options.begins ?? new Map<string, number>();
  const drifts = options.drifts ?? new Map<string, number>();
  const classes = [...(options.classes ?? simulatorClasses)].filter((name) => !begins.has(name));
  for (const name of [...classes, ...begins.keys(), ...drifts.keys()]) classOf(name);
  for (const [name, value] of Object.entries({ daily, overlaps })) {
    if (!(value >= 0 && value <= 1)) {
      throw new SimulatorError('bad_option', `${name}: expected 0 ... 1, found ${value}`);
    }
  }
  if (classes.length === 0 || !(ratePerSec > 0) || !(burstsPerHour >= 0)) {
    throw new SimulatorError(
      'bad_option',
      `expected a class from the start, a rate above 0 and bursts from 0, found ${classes.length} classes, ${ratePerSec} per s, ${burstsPerHour} per h`,
    );
  }
  const ifos = options.ifos ?? ['H1', 'L1'];
  const startGpsNs = options.startGpsNs ?? FIRST_GPS_NS;
  const startSec = Number(startGpsNs / 1_000_000_000n) % DAY_SEC;
  const rng = createRng(options.seed + 0.5e9);
  const draws = createDraws(rng);
  const gapSec = (rate: number) => -Math.log(1 - rng.nextFloat()) / rate;
  const inBursts: Event[] = [];
  let n = 0;
  let turn = 0;
  let steadySec = 0;
  let bursts = 0;
  let burstSec = burstsPerHour > 0 ? gapSec(burstsPerHour / 3600) : Number.POSITIVE_INFINITY;

  const known = (atSec: number) => [
    ...classes,
    ...[...begins].filter(([, after]) => atSec >= after).map(([name]) => name),
  ];

  /** Thinning of a process at the highest rate. Lewis and Shedler 1979. */
  const nextSteady = (fromSec: number): number => {
    for (let atSec = fromSec; ; ) {
      atSec += gapSec(ratePerSec * (1 + daily));
      const level = 1 + daily * Math.sin((2 * Math.PI * (startSec + atSec)) / DAY_SEC);
      if (draws.chance(level / (1 + daily))) return atSec;
    }
  };

  const openBurst = () => {
    const className = draws.pick(known(burstSec));
    const size = draws.integer(4, 20);
    for (let i = 0; i < size; i++) {
      inBursts.push({
        atSec: burstSec + draws.uniform(0, BURST_SEC),
        className,
        burst: bursts,
      });
    }
    inBursts.sort((a, b) => a.atSec - b.atSec);
    bursts += 1;
    burstSec += gapSec(burstsPerHour / 3600);
  };

  const nextEvent = (): Event => {
    while (burstSec <= Math.min(steadySec, inBursts[0]?.atSec ?? steadySec)) openBurst();
    if (inBursts[0] !== undefined && inBursts[0].atSec < steadySec) {
      return inBursts.shift() as Event;
    }
    const event = { atSec: steadySec };
    steadySec = nextSteady(steadySec);
    return event;
  };

  steadySec = nextSteady(0);
  return {
    next() {
      const { atSec, burst, ...event } = nextEvent();
      const names = known(atSec);
      const className = event.className ?? (names[turn++ % names.length] as string);
      const octaves = ((drifts.get(className) ?? 0) * atSec) / 3600;
      const choice = {
        className,
        peakGpsNs: startGpsNs + BigInt(Math.round(atSec * 1e9)),
        ifo: draws.pick(ifos),
        ...(octaves === 0
          ? {}
          : { octaves: Math.max(-MOST_OCTAVES, Math.min(MOST_OCTAVES, octaves)) }),
        ...(options.snr ? { snr: draws.logUniform(...options.snr) } : {}),
        ...(draws.chance(overlaps)
          ? {
              overlap: {
                className: draws.pick(names),
                offsetSec: draws.uniform(-1.5, 1.5),
                weight: draws.logUniform(0.15, 1),
              },
            }
          : {}),
      };
      return { n: n++, choice, ...(burst === undefined ? {} : { burst }) };
    },
  };
}
