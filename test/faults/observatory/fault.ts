import type { Observatory } from './observatory.js';

export type Need = 'network' | 'small-disk' | 'clock';

/** One way in which things go wrong; a file each, joined in all-faults.ts. */
export interface Fault {
  readonly name: string;
  /** What of the machine it takes; without it the fault is not made, and that is said. */
  readonly needs?: Need;
  /** Undecodable records that it puts on the log on purpose. */
  readonly poison?: number;
  /** Makes it happen while glitches come in, and brings everything back. */
  happen(observatory: Observatory): Promise<FaultReport>;
  /** What must hold beside the promises that are audited after every fault. */
  after?(observatory: Observatory): Promise<void>;
}

export interface FaultReport {
  readonly rounds: number;
  readonly note?: string;
}
