import { createRng } from '@glitchwatch/numerics';
import { createQScanner, type QScan, type QScanPlace } from '@glitchwatch/spectrogram';
import { createCanvas } from './canvas.js';
import { classOf, simulatorClasses } from './classes/index.js';
import { createDetectorNoise } from './detector-noise.js';
import { createDraws } from './draws.js';
import { SimulatorError } from './errors.js';

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
  /** Share by which parameters go beyond their stated ranges; default 0. */
  readonly widen?: number;
  /**
   * 'varied': now and then a scan normalises over the picture alone or draws its
   * second loudest plane, as collections of pictures do. Default 'alike'.
   */
  readonly scans?: 'alike' | 'varied';
}

/** Another glitch in the same stretch. */
export interface Overlap {
  readonly className: string;
  readonly offsetSec: number;
  /** Its loudest component, relative to the glitch's own. */
  readonly weight: number;
}

/** What a caller may decide about a glitch; all else is drawn. */
export interface NextGlitch {
  readonly className?: string;
  /** For a caller that keeps its own time. */
  readonly peakGpsNs?: bigint;
  readonly ifo?: string;
  /** SNR of the loudest tile, met within a twentieth; for kinds with anything to see. */
  readonly snr?: number;
  readonly overlap?: Overlap;
  /** All frequencies moved by this many octaves. */
  readonly octaves?: number;
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
  readonly overlap?: Overlap;
  /** Windows of 0.5, 1, 2 and 4 s. */
  readonly grids: QScan['grids'];
}

export interface Simulator {
  /** The n-th glitch, n counting the calls. */
  next(choice?: NextGlitch): SimulatedGlitch;
  /** The n-th glitch, a pure function of seed, n and choice, at the start time unless one is given. */
  at(n: number, choice?: NextGlitch): SimulatedGlitch;
}

const SAMPLE_RATE_HZ = 8192;
const DURATION_SEC = 4;
/** A search reports nothing weaker, but for No_Glitch. */
const TRIGGER_SNR = 7.5;
const MAX_TRIES = 4;
const FIRST_GPS_NS = 1_400_000_000_000_000_000n;
/** How often varied scans normalise over the picture alone, and draw another plane than the loudest. */
const SHORT_NORMALISATION = 0.2;
const OTHER_PLANE = 0.12;

/**
 * Endless glitches: components with random physical parameters in 4 s of
 * whitened detector noise at 8192 Hz, scanned by the Q-transform. Neither the
 * clock nor the glitches before change a glitch.
 *
 * @throws SimulatorError unknown_class, bad_option
 */
export function createSimulator(options: SimulatorOptions): Simulator {
  const classes = (options.classes ?? simulatorClasses).map(classOf);
  const ifos = options.ifos ?? ['H1', 'L1'];
  const ratePerSec = options.ratePerSec ?? 1;
  const widen = options.widen ?? 0;
  const varied = options.scans === 'varied' ? 1 : 0;
  if (classes.length === 0 || ifos.length === 0) {
    throw new SimulatorError('bad_option', 'expected at least one class and one ifo, found none');
  }
  if (!(ratePerSec > 0)) {
    throw new SimulatorError('bad_option', `ratePerSec: expected above 0, found ${ratePerSec}`);
  }
  if (!(widen >= 0 && widen <= 1)) {
    throw new SimulatorError('bad_option', `widen: expected 0 ... 1, found ${widen}`);
  }
  const nSamples = SAMPLE_RATE_HZ * DURATION_SEC;
  const canvas = createCanvas(SAMPLE_RATE_HZ, DURATION_SEC);
  const fillNoise = createDetectorNoise({ sampleRateHz: SAMPLE_RATE_HZ, nSamples });
  const noise = new Float64Array(nSamples);
  const strain = new Float64Array(nSamples);
  const scanner = createQScanner({ sampleRateHz: SAMPLE_RATE_HZ, durationSec: DURATION_SEC });
  const startGpsNs = options.startGpsNs ?? FIRST_GPS_NS;
  const clock = createRng(options.seed);
  let clockNs = startGpsNs;
  let calls = 0;

  const scanAt = (snr: number, scale: number, place: QScanPlace): QScan => {
    for (let i = 0; i < nSamples; i++) {
      strain[i] = scale * (snr * canvas.samples[i]! + noise[i]!);
    }
    return scanner.scan(strain, place);
  };

  const at = (n: number, choice: NextGlitch = {}): SimulatedGlitch => {
    const rng = createRng(options.seed * 1_048_583 + 1_000_003 * (n + 1));
    const draws = createDraws(rng, widen);
    const drawnClass = draws.pick(classes);
    const drawnIfo = draws.pick(ifos);
    const glitchClass = choice.className === undefined ? drawnClass : classOf(choice.className);

    canvas.clear();
    canvas.tune(choice.octaves ?? 0);
    const drawnSnr = draws.logUniform(...glitchClass.snrRange);
    glitchClass.paint(canvas, draws);
    const extent = canvas.extent();
    if (choice.overlap) {
      canvas.place(choice.overlap.offsetSec, choice.overlap.weight);
      classOf(choice.overlap.className).paint(canvas, draws);
    }
    fillNoise(noise, rng, draws);
    let place: QScanPlace = {
      medians: draws.chance(1 - SHORT_NORMALISATION * varied) ? 'of white noise' : 'of the data',
      planeRank: draws.chance(OTHER_PLANE * varied) ? 1 : 0,
    };
    let injectedSnr = choice.snr ?? drawnSnr;
    let scan = scanAt(injectedSnr, 1, place);
    // A glitch spread over time is put in louder until a search would see it.
    const detectable = glitchClass.detectable !== false;
    const seen = () =>
      choice.snr === undefined
        ? !detectable || scan.peak.snr >= TRIGGER_SNR
        : !detectable || Math.abs(scan.peak.snr / choice.snr - 1) < 0.05;
    const wanted = choice.snr ?? TRIGGER_SNR * draws.uniform(1.05, 1.4);
    for (let tries = 1; !seen() && tries < MAX_TRIES; tries++) {
      injectedSnr *= wanted / Math.max(scan.peak.snr, 0.5 * wanted);
      // One that lasts as long as the picture would be hidden by its own median.
      place = { ...place, medians: 'of white noise' };
      scan = scanAt(injectedSnr, 1, place);
    }
    const { peak } = scan;
    if (draws.chance(glitchClass.darkening ?? 0)) {
      const scale = draws.logUniform(0.5, 20) / peak.snr;
      scan = scanAt(injectedSnr, Math.min(1, scale), { ...place, medians: 'of white noise' });
    }
    return {
      className: glitchClass.name,
      ifo: choice.ifo ?? drawnIfo,
      peakGpsNs: choice.peakGpsNs ?? startGpsNs,
      snr: peak.snr,
      injectedSnr,
      peakFrequencyHz: peak.frequencyHz,
      durationSec: extent === undefined ? 0 : extent.toSec - extent.fromSec,
      bandwidthHz: extent === undefined ? 0 : extent.highHz - extent.lowHz,
      ...(choice.overlap ? { overlap: choice.overlap } : {}),
      grids: scan.grids,
    };
  };

  return {
    at,
    next(choice = {}) {
      const gapSec = -Math.log(1 - clock.nextFloat()) / ratePerSec;
      clockNs += BigInt(Math.ceil(gapSec * 1e9));
      return at(calls++, { peakGpsNs: clockNs, ...choice });
    },
  };
}
