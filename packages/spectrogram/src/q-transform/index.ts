export { createRealFft, createTwiddles, isPowerOfTwo, type RealSpectrum } from './fft.js';
export {
  createQScanner,
  type QPeak,
  type QScan,
  type QScanner,
  type QScannerOptions,
  type QScanPlace,
} from './scanner.js';
