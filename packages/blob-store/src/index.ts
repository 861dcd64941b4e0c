export { BlobStoreError, type BlobStoreErrorCode } from './errors.js';
export { type FolderBlobStoreOptions, openFolderBlobStore } from './folder.js';
export * from './port.js';
