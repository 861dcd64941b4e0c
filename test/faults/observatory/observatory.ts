import { copyFile, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventLog, openKafkaEventLog } from '@glitchwatch/event-log';
import type { AlertEvent, AssignmentEvent } from '@glitchwatch/proto';
import type { LocalKafka } from '../../brokers/kafka.js';
import type { LocalRedis } from '../../brokers/redis.js';
import { waitFor } from '../../fixtures/wait-for.js';
import { type Audit, auditOf, unseenAlerts, unseenAssignments } from './audit.js';
import type { Clock } from './clock.js';
import { Feeder } from './feeder.js';
import { Fleet, nameOf } from './fleet.js';
import { Ledger } from './ledger.js';
import { Night } from './night.js';
import { scaled, seed } from './scale.js';
import { DISK_MB, type Lines, type Servers, startServers } from './servers.js';
import { type Subscriber, subscribeAlerts, subscribeAssignments } from './subscriber.js';

/** Glitches of the first model. */
const FIRST_FIT = 48;
const REFIT_EVERY = 60;
const PER_SEC = 5;
const DEADLINE_MS = scaled(300_000, 180_000);

export interface ObservatoryOptions {
  /** Toxiproxy between the services and the servers. */
  readonly hasNetwork: boolean;
  /** The broker's log on a file system of its own. */
  readonly hasSmallDisk: boolean;
}

export interface Settled extends Audit {
  readonly unseenAlerts: readonly string[];
  readonly unseenAssignments: readonly string[];
}

/**
 * The whole of it on this machine: Apache Kafka, Redis, the four services as
 * processes in replicas; a pipeline that feeds them, two programs that subscribe,
 * and a ledger that reads the topics from the broker.
 */
export class Observatory {
  readonly alerts: Subscriber<AlertEvent>;
  readonly assignments: Subscriber<AssignmentEvent>;
  readonly feeder: Feeder;
  readonly ledger: Ledger;

  readonly fleet: Fleet;
  readonly kafka: LocalKafka;
  readonly redis: LocalRedis;
  /** The broker itself, past every line. */
  readonly log: EventLog;
  readonly clock: Clock;
  /** Undecodable records on the log, put there on purpose. */
  poison = 0;
  readonly night = new Night({ quiet: FIRST_FIT + 12, seed });
  readonly #servers: Servers;

  private constructor(servers: Servers, fleet: Fleet, log: EventLog) {
    this.#servers = servers;
    this.fleet = fleet;
    this.kafka = servers.kafka;
    this.redis = servers.redis;
    this.clock = servers.clock;
    this.log = log;
    const gateways = fleet.replicas('gateway').map(({ grpcPort }) => grpcPort);
    this.alerts = subscribeAlerts(gateways);
    this.assignments = subscribeAssignments([...gateways].reverse());
    this.feeder = new Feeder({
      ports: fleet.replicas('ingest').map(({ grpcPort }) => grpcPort),
      nextGlitches: (count) => this.night.take(count),
      perSec: PER_SEC,
    });
    this.ledger = new Ledger(log);
  }

  /** Resolves when the first model is in force and every glitch of it assigned. */
  static async start(options: ObservatoryOptions): Promise<Observatory> {
    const servers = await startServers(options);
    let observatory: Observatory | undefined;
    try {
      const fleet = await Fleet.start({
        replicas: { ingest: 2, embedder: 2, assign: 2, refit: 2, gateway: 2 },
        environment: {
          ...servers.environment,
          GLITCHWATCH_MIN_FIT: `${FIRST_FIT}`,
          GLITCHWATCH_REFIT_EVERY_COUNT: `${REFIT_EVERY}`,
        },
      });
      const log = await openKafkaEventLog({ brokers: servers.kafka.brokers });
      observatory = new Observatory(servers, fleet, log);
      await observatory.#openNight();
      return observatory;
    } catch (error) {
      await observatory?.keepLogs();
      await (observatory ?? servers).close();
      throw error;
    }
  }

  /** Throws where there is no network: the fault says that it needs one. */
  get lines(): Lines {
    if (this.#servers.lines === undefined) throw new Error('no Toxiproxy here');
    return this.#servers.lines;
  }

  fillDisk(): void {
    this.#servers.disk?.shrink();
  }

  clearDisk(): void {
    this.#servers.disk?.grow(DISK_MB);
  }

  /** From here on glitches come in and pauses count. */
  begin(poison: number): void {
    this.poison += poison;
    this.assignments.resetPause();
    this.feeder.start();
  }

  get accepted(): ReadonlySet<string> {
    return this.feeder.accepted;
  }

  /** Stops feeding and waits until all that was accepted has been dealt with. */
  async settle(): Promise<Settled> {
    await this.feeder.stop();
    // A model may come into force in the middle: then once more under that one.
    do {
      await this.#allAssigned();
      await this.#gatewaysAgree();
      // What no subscriber ever gets is told by the audit, not by a deadline.
      await waitFor('the subscribers', () => (this.#nUnseen() === 0 ? true : undefined), {
        deadlineMs: 30_000,
      }).catch(() => undefined);
      await this.ledger.catchUp();
    } while (this.ledger.waiting(this.accepted).length > 0);
    return {
      ...auditOf(this.ledger, this.accepted),
      unseenAlerts: unseenAlerts(this.ledger, this.alerts.seen),
      unseenAssignments: unseenAssignments(this.ledger, this.assignments.seen),
    };
  }

  /** Writes what the services said to a folder that stays, and tells its name. */
  async keepLogs(): Promise<string> {
    const kept = await mkdtemp(join(tmpdir(), 'glitchwatch-faults-logs-'));
    for (const replica of this.fleet.replicas())
      await writeFile(join(kept, `${nameOf(replica)}.log`), this.fleet.logOf(replica));
    await copyFile(join(this.kafka.dir, 'broker.log'), join(kept, 'broker.log'));
    return kept;
  }

  /** Each in its own time; exit codes of the services by name. */
  async stopServices(): Promise<Record<string, number | null>> {
    await this.alerts.leave();
    await this.assignments.leave();
    return this.fleet.stop();
  }

  async close(): Promise<void> {
    await this.feeder.giveUp();
    await this.alerts.leave();
    await this.assignments.leave();
    await this.fleet.killAll();
    await this.log.close();
    await this.#servers.close();
  }

  async #openNight(): Promise<void> {
    await this.feeder.submit(this.night.take(FIRST_FIT));
    await waitFor(
      'the first model',
      async () => {
        await this.ledger.catchUp();
        const { modelVersion } = this.ledger;
        return modelVersion > 0 && this.ledger.waiting(this.accepted).length === 0
          ? true
          : undefined;
      },
      { deadlineMs: DEADLINE_MS, everyMs: 250 },
    );
  }

  async #allAssigned(): Promise<void> {
    await waitFor(
      'every accepted glitch under the model in force, on the log',
      async () => {
        await this.ledger.catchUp();
        const waiting = this.ledger.waiting(this.accepted);
        if (waiting.length === 0) return true;
        throw new Error(
          `${waiting.length} of ${this.accepted.size} wait under model ${this.ledger.modelVersion}, such as ${waiting.slice(0, 3)}`,
        );
      },
      { deadlineMs: DEADLINE_MS, everyMs: 500 },
    );
  }

  #nUnseen(): number {
    return (
      unseenAlerts(this.ledger, this.alerts.seen).length +
      unseenAssignments(this.ledger, this.assignments.seen).length
    );
  }

  /** Every gateway counts each glitch once, assigned, whatever the log repeats. */
  async #gatewaysAgree(): Promise<void> {
    for (const { httpPort } of this.fleet.replicas('gateway')) {
      await waitFor('the gateway to show every glitch, once', async () => {
        const answer = await fetch(`http://127.0.0.1:${httpPort}/v1/status`);
        const { nGlitches, nAssigned } = (await answer.json()) as Record<string, number>;
        if (nGlitches === this.accepted.size && nAssigned === this.accepted.size) return true;
        throw new Error(
          `${nGlitches} shown, ${nAssigned} assigned, ${this.accepted.size} accepted`,
        );
      });
    }
  }
}
