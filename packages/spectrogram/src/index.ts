export {
  type ContactSheetItem,
  type ContactSheetOptions,
  renderContactSheet,
} from './contact-sheet.js';
export { SpectrogramError, type SpectrogramErrorCode } from './errors.js';
export {
  type GlitchPictures,
  type GroupedWindows,
  gravitySpyFileName,
  groupWindows,
  type PictureName,
  parseGravitySpyFileName,
} from './file-name.js';
export {
  decodeGravitySpyPngToMessageGrid,
  type GravitySpyPicture,
  readGravitySpyPng,
} from './gravity-spy-png.js';
export {
  assertGrid,
  ENERGY_PER_LEVEL,
  FREQUENCY_RANGE_HZ,
  type FrequencyRange,
  frequencyAtRow,
  type GridShape,
  MESSAGE_GRID,
  rowAtFrequency,
  type SpectrogramGrid,
  WINDOWS_SEC,
} from './grid.js';
export { checkGridCode, decodeGrid, encodeGrid } from './grid-codec.js';
export type { PictureLayout } from './picture-layout.js';
export * from './q-transform/index.js';
export { type RenderOptions, renderPng } from './render.js';
export { boxResample, toMessageGrid } from './resample.js';
export { renderScanSheet, type ScanSheetWindow } from './scan-sheet.js';
export type { ShadedTiles } from './shaded-tiles.js';
export { VIRIDIS_RGB } from './viridis.js';
