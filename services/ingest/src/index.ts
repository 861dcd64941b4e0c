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
export type { PostTriggersAnswer, PostTriggersItem } from './handlers/post-triggers.js';
export type { IngestImagesOptions } from './images/ingest-images.js';
export type { IngestProgress, IngestReport } from './images/report.js';
export { type Ingestor, openIngestor } from './ingestor.js';
export { createIngestService, type IngestService } from './service.js';
export type { SubmitReport } from './submit-glitches.js';
