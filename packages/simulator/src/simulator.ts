import { createRng } from '@glitchwatch/numerics';
import { createQScanner, type QScan } from '@glitchwatch/spectrogram';
import { createCanvas } from './canvas.js';
import { classesByName, simulatorClasses } from './classes/index.js';
import { createDraws } from './draws.js';
import { SimulatorError } from './errors.js';
import type { GlitchClass } from './glitch-class.js';

export interface SimulatorOptions {
  /** The same seed gives the same bytes. */
  readonly seed: number;
  /** Drawn with equal chance; default all of `simulatorClasses`. */
  readonly classes?: readonly string[];
  /** Time before the first event; default 1400000000 s. */
  readonly startGpsNs?: bigint;
  /** Mean rate of the event times, a Poisson process; default 1 per second. */
  readonly ratePerSec?: number;
  /** Drawn with equal chance; default H1 and L1. */
  readonly ifos?: readonly string[];
}

/** What a caller may decide about the next glitch; all else is drawn. */
export interface NextGlitch {
  readonly className?: string;
  /** For a caller that keeps its own time. */
  readonly peakGpsNs?: bigint;
  readonly ifo?: string;
}

export interface SimulatedGlitch {
  readonly className: string;
  readonly ifo: string;
  readonly peakGpsNs: bigint;
  /** Of the loudest tile, as a search pipeline would report it. */
  readonly snr: number;
  /** Matched-filter SNR at which the loudest component was put in. */
  readonly injectedSnr: number;
  readonly peakFrequencyHz: number;
  readonly durationSec: number;
  readonly bandwidthHz: number;
  /** Windows of 0.5, 1, 2 and 4 s. */
  readonly grids: QScan['grids'];
}

export interface Simulator {
  next(choice?: NextGlitch): SimulatedGlitch;
}

const SAMPLE_RATE_HZ = 8192;
const DURATION_SEC = 4;
/** A search reports nothing weaker, but for No_Glitch. */
const TRIGGER_SNR = 7.5;
const LOUDER = 1.4;
const MAX_TRIES = 6;
const FIRST_GPS_NS = 1_400_000_000_000_000_000n;

/**
 * Endless glitches: components with random physical parameters in 4 s of
 * whitened Gaussian noise at 8192 Hz, scanned by the Q-transform. The n-th
 * glitch depends on the seed, n and the choices made so far for class and
 * detector; not on the clock or on when it is asked for. About 25 ms each.
 *
 * @throws SimulatorError unknown_class, bad_option
 */
export function createSimulator(options: SimulatorOptions): Simulator {
  const classes = (options.classes ?? simulatorClasses).map(classOf);
  const ifos = options.ifos ?? ['H1', 'L1'];
  const ratePerSec = options.ratePerSec ?? 1;
  if (classes.length === 0 || ifos.length === 0) {
    throw new SimulatorError('bad_option', 'expected at least one class and one ifo, found none');
  }
  if (!(ratePerSec > 0)) {
    throw new SimulatorError('bad_option', `ratePerSec: expected above 0, found ${ratePerSec}`);
  }
  const rng = createRng(options.seed);
  const draws = createDraws(rng);
  const canvas = createCanvas(SAMPLE_RATE_HZ, DURATION_SEC);
  const noise = new Float64Array(SAMPLE_RATE_HZ * DURATION_SEC);
  const strain = new Float64Array(SAMPLE_RATE_HZ * DURATION_SEC);
  const scanner = createQScanner({ sampleRateHz: SAMPLE_RATE_HZ, durationSec: DURATION_SEC });
  let clockNs = options.startGpsNs ?? FIRST_GPS_NS;

  const scanAt = (snr: number): QScan => {
    for (let i = 0; i < strain.length; i++) {
      strain[i] = snr * canvas.samples[i]! + noise[i]!;
    }
    return scanner.scan(strain);
  };

  return {
    next(choice = {}) {
      const gapSec = -Math.log(1 - rng.nextFloat()) / ratePerSec;
      clockNs += BigInt(Math.ceil(gapSec * 1e9));
      const drawnClass = draws.pick(classes);
      const drawnIfo = draws.pick(ifos);
      const glitchClass = choice.className === undefined ? drawnClass : classOf(choice.className);

      canvas.clear();
      let injectedSnr = draws.logUniform(...glitchClass.snrRange);
      glitchClass.paint(canvas, draws);
      for (let i = 0; i < noise.length; i++) {
        noise[i] = rng.nextNormal();
      }
      let scan = scanAt(injectedSnr);
      // A glitch spread over time is put in louder until a search would see it.
      const detectable = glitchClass.detectable !== false;
      for (let n = 1; detectable && scan.peak.snr < TRIGGER_SNR && n < MAX_TRIES; n++) {
        injectedSnr *= LOUDER;
        scan = scanAt(injectedSnr);
      }
      const { peak, grids } = scan;
      const extent = canvas.extent();
      return {
        className: glitchClass.name,
        ifo: choice.ifo ?? drawnIfo,
        peakGpsNs: choice.peakGpsNs ?? clockNs,
        snr: peak.snr,
        injectedSnr,
        peakFrequencyHz: peak.frequencyHz,
        durationSec: extent === undefined ? 0 : extent.toSec - extent.fromSec,
        bandwidthHz: extent === undefined ? 0 : extent.highHz - extent.lowHz,
        grids,
      };
    },
  };
}

function classOf(name: string): GlitchClass {
  const found = classesByName.get(name);
  if (found === undefined) {
    const known = [...classesByName.keys()].join(', ');
    throw new SimulatorError('unknown_class', `class ${name}: expected one of ${known}`);
  }
  return found;
}
