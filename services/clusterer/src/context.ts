import type { BlobStore } from '@glitchwatch/blob-store';
import type { ServiceContext } from '@glitchwatch/service-kit';
import type { StateStore } from '@glitchwatch/state-store';

export interface ClustererContext extends ServiceContext {
  readonly state: StateStore;
  readonly blobs: BlobStore;
}
