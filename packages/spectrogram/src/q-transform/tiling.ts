/** One row of a Q plane: the tiles of one centre frequency. */
export interface QRow {
  readonly frequencyHz: number;
  /** Tiles in time over the whole input, a power of two. */
  readonly nTiles: number;
  /** Half the width of the window in frequency bins; 2 x this + 1 bins. */
  readonly halfWindowBins: number;
  /** Spectrum bin under the centre of the window. */
  readonly centreBin: number;
}

export interface QPlaneTiling {
  readonly q: number;
  readonly rows: readonly QRow[];
}

export interface QTilingOptions {
  readonly durationSec: number;
  readonly sampleRateHz: number;
  readonly qRange: readonly [number, number];
  readonly frequencyRangeHz: readonly [number, number];
  /** Largest fractional energy loss between neighbouring tiles. */
  readonly mismatch: number;
}

/**
 * The tiles of an omega scan: Q planes, log-spaced frequency rows and time
 * tiles so close that no sine-Gaussian loses more than `mismatch` of its
 * energy. Chatterji et al. 2004, CQG 21 S1809, section 3, with the roundings
 * of Omega and GWpy (`gwpy.signal.qtransform.QTiling`): frequencies floored to
 * multiples of 1/duration, tiles in time rounded up to a power of two.
 *
 * The upper frequency is cut where the widest window would pass Nyquist.
 */
export function tilePlanes(options: QTilingOptions): readonly QPlaneTiling[] {
  const { durationSec, sampleRateHz, qRange, frequencyRangeHz, mismatch } = options;
  const spacing = 2 * Math.sqrt(mismatch / 3);
  const span = Math.log(qRange[1] / qRange[0]) / Math.SQRT2;
  const nPlanes = Math.max(1, Math.ceil(span / spacing));
  const qs = Array.from(
    { length: nPlanes },
    (_, i) => qRange[0] * Math.exp((Math.SQRT2 * span * (i + 0.5)) / nPlanes),
  );
  const highestHz = Math.min(frequencyRangeHz[1], sampleRateHz / 2 / (1 + Math.sqrt(11) / qs[0]!));
  return qs.map((q) => ({
    q,
    rows: tileRows(q, [frequencyRangeHz[0], highestHz], durationSec, spacing),
  }));
}

function tileRows(
  q: number,
  [lowHz, highHz]: readonly [number, number],
  durationSec: number,
  spacing: number,
): QRow[] {
  const width = Math.sqrt(2 + q * q);
  const span = (Math.log(highHz / lowHz) * width) / 2;
  const nRows = Math.max(1, Math.ceil(span / spacing));
  const qPrime = q / Math.sqrt(11);
  return Array.from({ length: nRows }, (_, i) => {
    const wanted = lowHz * Math.exp((2 / width) * (i + 0.5) * (span / nRows));
    const frequencyHz = Math.floor(wanted * durationSec) / durationSec;
    const timeSpan = (durationSec * 2 * Math.PI * frequencyHz) / q;
    return {
      frequencyHz,
      nTiles: 2 ** Math.ceil(Math.log2(timeSpan / spacing)),
      halfWindowBins: Math.floor((frequencyHz / qPrime) * durationSec),
      // One bin high, as in Omega and GWpy.
      centreBin: Math.round(1 + frequencyHz * durationSec),
    };
  });
}
