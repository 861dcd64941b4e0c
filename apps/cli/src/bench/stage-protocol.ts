import type { StoreSettings } from '@glitchwatch/stores';
import type { SupplyBase } from './glitch-supply.js';

export const serviceNames = ['gateway', 'clusterer', 'embedder', 'ingest'] as const;
export type ServiceName = (typeof serviceNames)[number];

/** What a process of the bench runs; sent as its first command. */
export interface StageSetup {
  /** Started in this order. */
  readonly services: readonly ServiceName[];
  readonly stores: StoreSettings;
  /** Of the embedder. */
  readonly threads: number;
  /** In place of preparing and running the network, see stand-in-worker.ts. */
  readonly standIn: boolean;
  /** Glitches before the clusterer's first fit. */
  readonly minFit: number;
  /** What ingest is fed with. */
  readonly bases: readonly SupplyBase[];
}

/** Glitches `first` to `first + count - 1` of the supply, as fast as ingest takes them. */
export interface BurstFeed {
  readonly kind: 'burst';
  readonly first: number;
  readonly count: number;
}

/** The same at moments drawn beforehand, whether or not the earlier ones have been taken. */
export interface PoissonFeed {
  readonly kind: 'poisson';
  readonly first: number;
  readonly count: number;
  readonly ratePerSec: number;
  readonly seed: number;
}

export type Feed = BurstFeed | PoissonFeed;

/** Moments by position in the feed, in ms since the Unix epoch with fractions. */
export interface FedTimes {
  /** When each was due. */
  readonly arrivalMs: Float64Array;
  /** When ingest had it durably in the log. */
  readonly acceptedMs: Float64Array;
}

export interface StageReport {
  /** Of the whole process since its start, all threads. */
  readonly cpuMs: number;
  readonly peakRssMb: number;
  /** Sum of each of the services' stage histograms so far, by "service stage". */
  readonly stageSec: Readonly<Record<string, number>>;
}

export interface StageAddresses {
  readonly httpUrl: string | undefined;
  readonly grpcAddress: string | undefined;
}

/** Commands and what answers each. */
export interface StageCommands {
  start(setup: StageSetup): Promise<StageAddresses>;
  feed(feed: Feed): Promise<FedTimes>;
  report(): Promise<StageReport>;
  stop(): Promise<void>;
}

export type StageCommand = {
  [Name in keyof StageCommands]: {
    readonly name: Name;
    readonly argument: Parameters<StageCommands[Name]>[0];
  };
}[keyof StageCommands];

export type StageRequest = StageCommand & { readonly id: number };

export type StageAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly problem: string };

/** The clock that all processes of one machine share, finer than a millisecond. */
export function sharedClockMs(): number {
  return performance.timeOrigin + performance.now();
}
