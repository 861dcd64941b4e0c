export { type EmbeddedStateStoreOptions, openEmbeddedStateStore } from './embedded/open.js';
export { StateStoreError, type StateStoreErrorCode } from './errors.js';
export * from './port.js';
