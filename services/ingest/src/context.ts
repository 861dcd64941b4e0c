import type { ServiceContext } from '@glitchwatch/service-kit';
import type { StateStore } from '@glitchwatch/state-store';

export interface IngestContext extends ServiceContext {
  readonly state: StateStore;
}
