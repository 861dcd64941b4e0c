export {
  type IngestConfig,
  type IngestConfigInput,
  ingestConfigFromEnvironment,
  ingestConfigSchema,
} from './config.js';
export type { IngestContext } from './context.js';
export { INGEST_DEAD_LETTER_TOPIC } from './dead-letter.js';
export {
  IngestError,
  type IngestErrorCode,
  type IngestProblem,
  ingestErrorCodes,
} from './errors.js';
export { parseGpsSeconds } from './gps-time.js';
export type { PostTriggersAnswer, PostTriggersItem } from './handlers/post-triggers.js';
export type { IngestImagesOptions } from './images/ingest-images.js';
export type { IngestProgress, IngestReport } from './images/report.js';
export { type Ingestor, openIngestor } from './ingestor.js';
export { KNOWN_EVENTS, type KnownEvent, knownEventAt, readKnownEvents } from './known-events.js';
export { createIngestService, type IngestService } from './service.js';
export { DEFAULT_MIN_SNR, type IngestStrainOptions } from './strain/ingest-strain.js';
export type { Scan } from './strain/scan-messages.js';
export { createScanPool, type ScanPool } from './strain/scan-pool.js';
export type { StrainSeries } from './strain/strain-file.js';
export { createStrainLibrary, middleOf, seriesAround } from './strain/strain-library.js';
export type { SubmitReport } from './submit-glitches.js';
export { DEFAULT_CLUSTER_SEC, type IngestTriggersOptions } from './triggers/ingest-triggers.js';
