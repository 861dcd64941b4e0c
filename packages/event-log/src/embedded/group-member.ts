import { randomUUID } from 'node:crypto';
import { EventLogError } from '../errors.js';
import type { ConsumeOptions, GroupConsumer, OutgoingRecord } from '../port.js';
import { Backoff, pauseFor } from './backoff.js';
import type { ChangeFeed } from './change-feed.js';
import { changeNames, type SyncResult } from './commands.js';
import { Gate } from './gate.js';
import { hasExpired, isHeld } from './group-expiry.js';
import { PartitionLoop } from './partition-loop.js';
import { hasDied, type ProcessIdentity } from './process-identity.js';
import type { Reader } from './reader.js';
import type { PackedRecords } from './record-codec.js';
import { type GroupRow, splitTopicPartition } from './rows.js';
import type { Writer } from './writer.js';

const DEFAULT_SESSION_TIMEOUT_MS = 6000;
/** How often a member looks at the others; a look only reads. */
const LOOK_INTERVAL_MS = 200;

export interface GroupMemberOptions {
  readonly consume: ConsumeOptions;
  readonly reader: Reader;
  readonly writer: Writer;
  readonly feed: ChangeFeed;
  readonly identity: ProcessIdentity | undefined;
  readonly pack: (outputs: readonly OutgoingRecord[]) => PackedRecords;
}

interface Holding {
  readonly loop: PartitionLoop;
  /** Somebody else has the partition by now, so there is nothing to release. */
  lost: boolean;
}

/** One member of a group: keeps its session alive and runs a loop for each partition it holds. */
export class GroupMember implements GroupConsumer {
  readonly #options: GroupMemberOptions;
  readonly #groupId: string;
  readonly #sessionTimeoutMs: number;
  readonly #gate = new Gate();
  readonly #holdings = new Map<string, Holding>();
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #memberId = '';
  #generation = 0;
  #awaited: readonly string[] = [];
  #stopped: Promise<void> | undefined;

  private constructor(options: GroupMemberOptions) {
    this.#options = options;
    this.#groupId = options.consume.groupId;
    this.#sessionTimeoutMs = options.consume.sessionTimeoutMs ?? DEFAULT_SESSION_TIMEOUT_MS;
  }

  /** Resolves once the member has joined; partitions come as others let them go. */
  static async join(options: GroupMemberOptions): Promise<GroupMember> {
    const member = new GroupMember(options);
    await member.#join();
    member.#running = member.#run();
    return member;
  }

  assignedPartitions(): readonly string[] {
    return [...this.#holdings]
      .filter(([, holding]) => !holding.lost)
      .map(([name]) => name)
      .sort();
  }

  pause(): void {
    this.#gate.close();
  }

  resume(): void {
    this.#gate.open();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    const { writer } = this.#options;
    await Promise.all([this.#running, this.#endLoops()]);
    await writer.run({ kind: 'leave', groupId: this.#groupId, memberId: this.#memberId });
  }

  async #endLoops(): Promise<void> {
    const holdings = [...this.#holdings.values()];
    for (const { loop } of holdings) loop.stop();
    await Promise.all(holdings.map(({ loop }) => loop.done));
  }

  async #join(): Promise<void> {
    const { writer, consume, identity } = this.#options;
    this.#memberId = randomUUID();
    await writer.run({
      kind: 'join',
      groupId: this.#groupId,
      memberId: this.#memberId,
      topics: consume.topics,
      sessionTimeoutMs: this.#sessionTimeoutMs,
      process: identity ?? null,
    });
  }

  async #run(): Promise<void> {
    const { feed } = this.#options;
    const signal = this.#stopping.signal;
    const listener = feed.listen([changeNames.group(this.#groupId)]);
    const backoff = new Backoff(50, this.#sessionTimeoutMs / 3);
    let nextBeatMs = 0;
    try {
      while (!signal.aborted) {
        try {
          const dead = this.#deadMembers();
          if (dead.length > 0 || Date.now() >= nextBeatMs || this.#hasNews()) {
            await this.#sync(dead);
            nextBeatMs = Date.now() + this.#sessionTimeoutMs / 3;
          }
          backoff.reset();
          await listener.wait(signal, LOOK_INTERVAL_MS);
        } catch (error) {
          if (signal.aborted) return;
          this.#report(error);
          await pauseFor(backoff.next(), signal);
        }
      }
    } finally {
      listener.stop();
    }
  }

  #deadMembers(): string[] {
    const { reader, identity } = this.#options;
    const members = reader.group(this.#groupId)?.members ?? {};
    return Object.keys(members).filter((id) => hasDied(members[id]?.process ?? null, identity));
  }

  /** Cheap look: is there a reason to talk to the group before the next heartbeat? */
  #hasNews(): boolean {
    const { reader } = this.#options;
    const group = reader.group(this.#groupId);
    if (group?.members[this.#memberId] === undefined) return true;
    if (group.generation !== this.#generation) return true;
    const nowMs = Date.now();
    if (Object.values(group.members).some((member) => hasExpired(member, nowMs))) return true;
    return this.#awaited.some((name) => this.#isFree(group, name, nowMs));
  }

  #isFree(group: GroupRow, name: string, nowMs: number): boolean {
    return !isHeld(group, this.#options.reader.owner(this.#groupId, name), nowMs);
  }

  async #sync(dead: readonly string[]): Promise<void> {
    const { writer, consume } = this.#options;
    const result = await writer.run({
      kind: 'sync',
      groupId: this.#groupId,
      memberId: this.#memberId,
      from: consume.from ?? 'earliest',
      dead,
    });
    if (this.#stopping.signal.aborted) return;
    if (!result.member) return await this.#joinAgain();
    this.#generation = result.generation;
    this.#awaited = result.awaited;
    this.#apply(result);
  }

  async #joinAgain(): Promise<void> {
    this.#report(
      new EventLogError(
        'fenced',
        `group ${this.#groupId}: member ${this.#memberId} was silent for more than ${this.#sessionTimeoutMs} ms and lost its partitions; it joins again`,
      ),
    );
    for (const holding of this.#holdings.values()) holding.lost = true;
    // One handler at a time here too: the old loops end before new ones may begin.
    await this.#endLoops();
    if (this.#stopping.signal.aborted) return;
    await this.#join();
  }

  #apply({ claimed, held, revoked }: SyncResult): void {
    for (const [name, holding] of this.#holdings) {
      if (held.includes(name)) continue;
      holding.lost = true;
      holding.loop.stop();
    }
    for (const name of revoked) this.#holdings.get(name)?.loop.finish();
    for (const { topicPartition, offset } of claimed) this.#take(topicPartition, offset);
  }

  #take(name: string, offset: number): void {
    const before = this.#holdings.get(name);
    if (before === undefined) {
      this.#start(name, offset);
      return;
    }
    before.lost = true;
    before.loop.stop();
    const memberId = this.#memberId;
    void before.loop.done.then(() => {
      if (this.#stopping.signal.aborted || memberId !== this.#memberId) return;
      this.#start(name, offset);
    });
  }

  #start(name: string, offset: number): void {
    const { consume, reader, feed, writer, pack } = this.#options;
    const { topic, partition } = splitTopicPartition(name);
    const topicId = reader.topic(topic).id;
    const memberId = this.#memberId;
    const loop = new PartitionLoop({
      topic,
      topicId,
      partition,
      offset,
      consume,
      reader,
      feed,
      gate: this.#gate,
      commit: async (next, outputs) => {
        await writer.run({
          kind: 'commit',
          groupId: this.#groupId,
          memberId,
          topic,
          topicId,
          partition,
          offset: next,
          outputs: pack(outputs),
        });
      },
    });
    const holding: Holding = { loop, lost: false };
    this.#holdings.set(name, holding);
    void loop.done.then(() => this.#ended(name, holding, memberId));
  }

  /** A loop has ended: unless the whole member stops, its partition is free for the next owner. */
  #ended(name: string, holding: Holding, memberId: string): void {
    if (this.#holdings.get(name) === holding) this.#holdings.delete(name);
    if (holding.lost || this.#stopping.signal.aborted) return;
    this.#options.writer
      .run({ kind: 'release', groupId: this.#groupId, memberId, topicPartitions: [name] })
      .catch((error: unknown) => this.#report(error));
  }

  #report(error: unknown): void {
    const told = error instanceof Error ? error : new Error(String(error));
    this.#options.consume.onError?.(told, undefined);
  }
}
