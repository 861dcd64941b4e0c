export { createRealFft, createTwiddles, isPowerOfTwo, type RealSpectrum } from './fft.js';
export {
  createQScanner,
  type QPeak,
  type QScan,
  type QScanner,
  type QScannerOptions,
  type QScanPlace,
} from './scanner.js';
export {
  createStrainScanner,
  SAMPLE_RATES_HZ,
  type SearchOptions,
  type StrainScan,
  type StrainScanner,
  type WhitenedBlock,
} from './strain-scanner.js';
export type { TileCluster } from './tile-clusters.js';
export { MIN_WHITENING_SEC, WHITENING_EDGE_SEC } from './whitening.js';
