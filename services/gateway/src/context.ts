import type { EventLog } from '@glitchwatch/event-log';
import type { Clock, Logger } from '@glitchwatch/service-kit';
import type { GatewayConfig } from './config.js';
import type { Explainer } from './explanations/explainer.js';
import type { Labelling } from './labelling.js';
import type { GatewayMetrics } from './metrics.js';
import type { GlitchReader } from './pictures/glitch-reader.js';
import type { Pictures } from './pictures/pictures.js';
import type { ReadModel } from './read-model/read-model.js';
import type { HotFamilies } from './shared/hot-families.js';
import type { EventHub } from './stream/event-hub.js';
import type { SubscriberCensus } from './stream/subscriber-census.js';
import type { NamedSubscribers } from './subscribers/named-subscribers.js';

/** What every handler and route shares. */
export interface GatewayParts {
  readonly config: GatewayConfig;
  readonly log: EventLog;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics: GatewayMetrics;
  readonly model: ReadModel;
  readonly labelling: Labelling;
  readonly hub: EventHub;
  readonly reader: GlitchReader;
  readonly pictures: Pictures;
  readonly explainer: Explainer;
  readonly census: SubscriberCensus;
  readonly named: NamedSubscribers;
  readonly families: HotFamilies;
  /** Aborts when the gateway stops: every stream ends. */
  readonly stopping: AbortSignal;
  readonly isCaughtUp: () => boolean;
}
