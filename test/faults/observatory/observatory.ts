import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventLog, openKafkaEventLog } from '@glitchwatch/event-log';
import type { AlertEvent, AssignmentEvent } from '@glitchwatch/proto';
import { type LocalKafka, type LocalKafkaOptions, startLocalKafka } from '../../brokers/kafka.js';
import { LocalRedis } from '../../brokers/redis.js';
import { waitFor } from '../../fixtures/wait-for.js';
import { type Audit, auditOf, unseenAlerts, unseenAssignments } from './audit.js';
import { Feeder } from './feeder.js';
import { Fleet, nameOf, type ServiceName } from './fleet.js';
import { Ledger } from './ledger.js';
import { Night } from './night.js';
import { scaled, seed } from './scale.js';
import { type Subscriber, subscribeAlerts, subscribeAssignments } from './subscriber.js';

/** Glitches of the first model. */
export const FIRST_FIT = 48;
const REFIT_EVERY = 60;
const DEADLINE_MS = scaled(300_000, 180_000);

export interface ObservatoryOptions {
  readonly kafka?: LocalKafkaOptions;
  readonly replicas?: Partial<Record<ServiceName, number>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** What the services are told, where that is not the servers themselves. */
  readonly addresses?: (servers: {
    readonly kafka: LocalKafka;
    readonly redis: LocalRedis;
  }) => Promise<{ readonly brokers: string; readonly redisUrl: string }>;
  readonly perSec?: number;
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

  private constructor(
    private readonly dir: string,
    readonly kafka: LocalKafka,
    readonly redis: LocalRedis,
    readonly fleet: Fleet,
    readonly log: EventLog,
    readonly night: Night,
    perSec: number,
  ) {
    const gateways = fleet.replicas('gateway').map(({ grpcPort }) => grpcPort);
    this.alerts = subscribeAlerts(gateways);
    this.assignments = subscribeAssignments([...gateways].reverse());
    this.feeder = new Feeder({
      ports: fleet.replicas('ingest').map(({ grpcPort }) => grpcPort),
      nextGlitches: (count) => night.take(count),
      perSec,
    });
    this.ledger = new Ledger(log);
  }

  /** Resolves when the first model is in force and every glitch of it assigned. */
  static async start(options: ObservatoryOptions = {}): Promise<Observatory> {
    const dir = await mkdtemp(join(tmpdir(), 'glitchwatch-faults-'));
    const [kafka, redis] = await Promise.all([startLocalKafka(options.kafka), LocalRedis.start()]);
    const direct = { brokers: kafka.brokers.join(','), redisUrl: redis.url };
    const told = (await options.addresses?.({ kafka, redis })) ?? direct;
    const fleet = await Fleet.start({
      replicas: { ingest: 2, embedder: 2, clusterer: 1, gateway: 2, ...options.replicas },
      environment: {
        GLITCHWATCH_DATA_DIR: join(dir, 'data'),
        GLITCHWATCH_KAFKA_BROKERS: told.brokers,
        GLITCHWATCH_REDIS_URL: told.redisUrl,
        GLITCHWATCH_MIN_FIT: `${FIRST_FIT}`,
        GLITCHWATCH_REFIT_EVERY_COUNT: `${REFIT_EVERY}`,
        ...options.environment,
      },
    });
    const log = await openKafkaEventLog({ brokers: kafka.brokers });
    const night = new Night({ quiet: FIRST_FIT + 12, seed });
    const perSec = options.perSec ?? 12;
    const observatory = new Observatory(dir, kafka, redis, fleet, log, night, perSec);
    try {
      await observatory.#openNight();
    } catch (error) {
      await observatory.keepLogs();
      await observatory.close();
      throw error;
    }
    return observatory;
  }

  get accepted(): ReadonlySet<string> {
    return this.feeder.accepted;
  }

  /** Stops feeding and waits until all that was accepted has been dealt with. */
  async settle(): Promise<Settled> {
    await this.feeder.stop();
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
    await this.#gatewaysAgree();
    // What no subscriber ever gets is told by the audit, not by a deadline.
    await waitFor('the subscribers', () => (this.#nUnseen() === 0 ? true : undefined), {
      deadlineMs: 30_000,
    }).catch(() => undefined);
    await this.ledger.catchUp();
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
    return kept;
  }

  /** Each in its own time; exit codes of the services by name. */
  async stopServices(): Promise<Record<string, number | null>> {
    await this.alerts.leave();
    await this.assignments.leave();
    return this.fleet.stop();
  }

  async close(): Promise<void> {
    this.feeder.close();
    await this.alerts.leave();
    await this.assignments.leave();
    await this.fleet.killAll();
    await this.log.close();
    await this.redis.dispose();
    await this.kafka.stop();
    await rm(this.dir, { recursive: true, force: true });
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
    this.assignments.resetPause();
    this.feeder.start();
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
