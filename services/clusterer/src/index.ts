export { ActiveModel, type Placement } from './active-model.js';
export { type AssignmentDigest, digestAssignments } from './assignment-digest.js';
export { runtimeGivesWayToLiveWork } from './background-thread.js';
export {
  type ClustererConfig,
  clustererConfigSchema,
  readEnvironment as readClustererEnvironment,
} from './config.js';
export type { ClustererContext } from './context.js';
export { ClustererError, type ClustererErrorCode, clustererErrorCodes } from './errors.js';
export { familyEvents } from './family-events.js';
export type { FittedFamily } from './family-summary.js';
export { type FitInput, type FittedModel, fitReference } from './fit.js';
export { defaultFitParams, defaultMinClusterSize, type FitParams } from './fit-params.js';
export { fitInWorker } from './fit-runner.js';
export { decodeSnapshot, type ModelSnapshot } from './model-snapshot.js';
export { NoveltyTrial, type TrialGlitch } from './novelty/novelty-trial.js';
export { ReferenceStore } from './reference-store.js';
export type { FitReport } from './refit/refit-loop.js';
export { type ClustererService, type ClustererStatus, createClustererService } from './service.js';
