export {
  type EmbedderConfig,
  embedderConfigFromEnvironment,
  embedderConfigSchema,
} from './config.js';
export {
  createEmbedder,
  type Embedder,
  type EmbedderEvents,
  type EmbedderOptions,
  type EmbedResult,
} from './embedder.js';
export { EmbedderError, type EmbedderErrorCode } from './errors.js';
export { explainGlitch } from './explain.js';
export type {
  Device,
  InferenceRequest,
  WorkerMessage,
  WorkerSetup,
} from './inference-protocol.js';
export {
  MAX_DIMENSION,
  type ModelDescription,
  modelDescriptionSchema,
} from './model-description.js';
export {
  bundledModelDir,
  type LoadedModel,
  loadModel,
  readModelDescription,
} from './model-file.js';
export { createEmbedderService, type EmbedderService } from './service.js';
export type { UnpackAnswer, UnpackRequest } from './unpacking/unpack-protocol.js';
