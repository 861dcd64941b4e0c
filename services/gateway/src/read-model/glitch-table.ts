import { type Assignment, occurredAtMs } from '@glitchwatch/proto';
import { GatewayError } from '../errors.js';

/** Where a record lies in its topic. */
export interface LogPlace {
  readonly partition: number;
  readonly offset: bigint;
}

/**
 * What an assignment did to the table: `first` of its glitch, `moved` by a newer
 * model, `duplicate` of the one held, `stale` from an older model.
 */
export type AssignmentChange = 'first' | 'moved' | 'duplicate' | 'stale';

const ABSENT = -1;
const idPattern = /^[0-9a-f]{32}$/;

interface Columns {
  readonly triggerPartition: Int16Array;
  readonly triggerOffset: Float64Array;
  readonly assignmentPartition: Int16Array;
  readonly assignmentOffset: Float64Array;
  readonly modelVersion: Uint32Array;
  readonly familyId: Int32Array;
  readonly ifo: Uint8Array;
  readonly occurredMs: Float64Array;
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/**
 * One row per glitch, in columns: current assignment and where its trigger and
 * assignment lie in the log. Pictures, neighbours and the rest stay in the log
 * and are read from there, so a row is small (about 150 bytes with its id).
 * Beyond `maxGlitches` the glitch that came first leaves.
 */
export class GlitchTable {
  private readonly rows = new Map<string, number>();
  private readonly ids: (string | undefined)[] = [];
  private readonly freeRows: number[] = [];
  private readonly ifos: string[] = [];
  private columns = allocate(1024);
  private assignedCount = 0;

  constructor(
    private readonly maxGlitches: number,
    private readonly onEvict: (row: number) => void = () => undefined,
  ) {}

  get size(): number {
    return this.rows.size;
  }

  get nAssigned(): number {
    return this.assignedCount;
  }

  get nWaiting(): number {
    return this.rows.size - this.assignedCount;
  }

  rowOf(glitchId: string): number | undefined {
    return this.rows.get(glitchId);
  }

  /** Id of a row in use. */
  idAt(row: number): string {
    return this.ids[row]!;
  }

  /** The newest place wins: it is the one that retention keeps longest. True for a glitch's first trigger. */
  noteTrigger(glitchId: string, place: LogPlace): boolean {
    const row = this.rowFor(glitchId);
    // Its assignment may have come first: topics are read side by side.
    const first = this.columns.triggerPartition[row] === ABSENT;
    this.columns.triggerPartition[row] = place.partition;
    this.columns.triggerOffset[row] = Number(place.offset);
    return first;
  }

  /** What `apply` would answer, without a change. */
  judge(assignment: Assignment): AssignmentChange {
    const row = this.rows.get(assignment.glitchId);
    if (row === undefined || this.columns.assignmentPartition[row] === ABSENT) return 'first';
    const held = this.columns.modelVersion[row]!;
    if (assignment.modelVersion > held) return 'moved';
    return assignment.modelVersion < held ? 'stale' : 'duplicate';
  }

  /** Is this record a second copy of the assignment held from another place in the log? */
  isRepeat(assignment: Assignment, place: LogPlace): boolean {
    if (this.judge(assignment) !== 'duplicate') return false;
    const held = this.assignmentPlace(this.rows.get(assignment.glitchId)!);
    return held?.partition !== place.partition || held.offset !== place.offset;
  }

  apply(assignment: Assignment, place: LogPlace): AssignmentChange {
    const change = this.judge(assignment);
    if (change === 'duplicate' || change === 'stale') return change;
    const row = this.rowFor(assignment.glitchId);
    const c = this.columns;
    if (c.assignmentPartition[row] === ABSENT) this.assignedCount += 1;
    c.assignmentPartition[row] = place.partition;
    c.assignmentOffset[row] = Number(place.offset);
    c.modelVersion[row] = assignment.modelVersion;
    c.familyId[row] = assignment.familyId;
    c.ifo[row] = this.ifoCode(assignment.trigger?.ifo ?? '');
    c.occurredMs[row] = timeOf(assignment);
    c.x[row] = assignment.mapX;
    c.y[row] = assignment.mapY;
    return change;
  }

  isAssigned(row: number): boolean {
    return this.columns.assignmentPartition[row] !== ABSENT;
  }

  familyOf(row: number): number {
    return this.columns.familyId[row]!;
  }

  ifoOf(row: number): string {
    return this.ifos[this.columns.ifo[row]!] ?? '';
  }

  occurredMsOf(row: number): number {
    return this.columns.occurredMs[row]!;
  }

  triggerPlace(row: number): LogPlace | undefined {
    return placeAt(this.columns.triggerPartition, this.columns.triggerOffset, row);
  }

  assignmentPlace(row: number): LogPlace | undefined {
    return placeAt(this.columns.assignmentPartition, this.columns.assignmentOffset, row);
  }

  /** Every assigned glitch, oldest first, as columns of one length. */
  snapshot(): MapColumns {
    const n = this.assignedCount;
    const glitchIds = new Array<string>(n);
    const x = new Float32Array(n);
    const y = new Float32Array(n);
    const familyIds = new Int32Array(n);
    const c = this.columns;
    let i = 0;
    for (const [glitchId, row] of this.rows) {
      if (c.assignmentPartition[row] === ABSENT) continue;
      glitchIds[i] = glitchId;
      x[i] = c.x[row]!;
      y[i] = c.y[row]!;
      familyIds[i] = c.familyId[row]!;
      i += 1;
    }
    return { glitchIds, x, y, familyIds };
  }

  private rowFor(glitchId: string): number {
    const known = this.rows.get(glitchId);
    if (known !== undefined) return known;
    if (!idPattern.test(glitchId)) {
      throw new GatewayError(
        'bad_message',
        `glitch_id: expected 32 hex digits, found ${JSON.stringify(glitchId.slice(0, 64))}`,
      );
    }
    if (this.rows.size >= this.maxGlitches) this.evictOldest();
    const row = this.freeRows.pop() ?? this.ids.length;
    if (row >= this.columns.x.length) this.columns = grow(this.columns);
    this.ids[row] = glitchId;
    this.rows.set(glitchId, row);
    this.columns.triggerPartition[row] = ABSENT;
    this.columns.assignmentPartition[row] = ABSENT;
    return row;
  }

  private evictOldest(): void {
    const oldest = this.rows.entries().next().value;
    if (oldest === undefined) return;
    const [glitchId, row] = oldest;
    this.onEvict(row);
    if (this.isAssigned(row)) this.assignedCount -= 1;
    this.rows.delete(glitchId);
    this.ids[row] = undefined;
    this.freeRows.push(row);
  }

  private ifoCode(ifo: string): number {
    const known = this.ifos.indexOf(ifo);
    if (known >= 0) return known;
    if (this.ifos.length >= 255) return 0;
    return this.ifos.push(ifo) - 1;
  }
}

/** When the glitch happened; when it came in, by ingest or the clusterer, where no time is told. */
export function timeOf(assignment: Assignment): number {
  const cameInMs = Number(assignment.ingestedAtMs) || Number(assignment.assignedAtMs);
  return occurredAtMs(assignment.trigger, cameInMs);
}

export interface MapColumns {
  readonly glitchIds: readonly string[];
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly familyIds: Int32Array;
}

function placeAt(partitions: Int16Array, offsets: Float64Array, row: number): LogPlace | undefined {
  const partition = partitions[row]!;
  return partition === ABSENT ? undefined : { partition, offset: BigInt(offsets[row]!) };
}

function allocate(n: number): Columns {
  return {
    triggerPartition: new Int16Array(n),
    triggerOffset: new Float64Array(n),
    assignmentPartition: new Int16Array(n),
    assignmentOffset: new Float64Array(n),
    modelVersion: new Uint32Array(n),
    familyId: new Int32Array(n),
    ifo: new Uint8Array(n),
    occurredMs: new Float64Array(n),
    x: new Float32Array(n),
    y: new Float32Array(n),
  };
}

function grow(old: Columns): Columns {
  const bigger = allocate(old.x.length * 2);
  for (const name of Object.keys(old) as (keyof Columns)[]) bigger[name].set(old[name]);
  return bigger;
}
