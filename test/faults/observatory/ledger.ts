import type { EventLog, LogRecord } from '@glitchwatch/event-log';
import { Alert, Assignment, Glitch, ModelActivated, topics } from '@glitchwatch/proto';

const PAGE = 256;

/** A version that no model has: tests append such assignments as mere news. */
export const NO_MODEL = 0;

/** What the topics hold, read from the broker itself and not through any service. */
export class Ledger {
  readonly #log: EventLog;
  readonly #next = new Map<string, bigint>();
  /** Records of each trigger and of each (glitch, model version), in the order of the log. */
  readonly triggers = new Map<string, number>();
  readonly assignments = new Map<string, Assignment[]>();
  readonly alerts: Alert[] = [];
  readonly models: ModelActivated[] = [];
  /** Places of records that do not decode. */
  readonly undecodable: string[] = [];

  constructor(log: EventLog) {
    this.#log = log;
  }

  /** Reads on to the present end. */
  async catchUp(): Promise<void> {
    await this.#read(topics.triggers, (record) => {
      const id = Glitch.decode(record.value).trigger?.glitchId ?? '';
      this.triggers.set(id, (this.triggers.get(id) ?? 0) + 1);
    });
    await this.#read(topics.models, ({ value }) => {
      this.models.push(ModelActivated.decode(value));
    });
    await this.#read(topics.assignments, ({ value }) => {
      const assignment = Assignment.decode(value);
      if (assignment.modelVersion === NO_MODEL) return;
      const all = this.assignments.get(assignment.glitchId) ?? [];
      all.push(assignment);
      this.assignments.set(assignment.glitchId, all);
    });
    await this.#read(topics.alerts, ({ value }) => {
      this.alerts.push(Alert.decode(value));
    });
  }

  /** Of the model that is in force at the end of what was read. */
  get modelVersion(): number {
    let version = 0;
    let token = 0n;
    for (const { modelVersion, fencingToken, snapshotKey } of this.models) {
      if (snapshotKey === '' || fencingToken < token || modelVersion < version) continue;
      version = modelVersion;
      token = fencingToken;
    }
    return version;
  }

  /** Records that say what another has said before, by their ids. */
  get repeats(): number {
    const versions = [...this.assignments.entries()].flatMap(([id, all]) =>
      all.map(({ modelVersion }) => `${id} ${modelVersion}`),
    );
    const revisions = this.alerts.map(({ alertId, revision }) => `${alertId} ${revision}`);
    const triggers = [...this.triggers.values()].reduce((sum, count) => sum + count - 1, 0);
    return triggers + excess(versions) + excess(revisions);
  }

  /** Of those glitches, the ones without an assignment under the model in force. */
  waiting(glitchIds: Iterable<string>): string[] {
    const version = this.modelVersion;
    return [...glitchIds].filter(
      (id) => !this.assignments.get(id)?.some(({ modelVersion }) => modelVersion === version),
    );
  }

  async #read(topic: string, take: (record: LogRecord) => void): Promise<void> {
    for (const { partition, low, high } of await this.#log.offsets(topic)) {
      const place = `${topic}/${partition}`;
      let at = this.#next.get(place) ?? low;
      while (at < high) {
        const records = await this.#log.read(topic, partition, at, PAGE);
        for (const record of records) {
          try {
            take(record);
          } catch {
            this.undecodable.push(`${place}@${record.offset}`);
          }
        }
        const last = records.at(-1);
        at = last === undefined ? high : last.offset + 1n;
      }
      this.#next.set(place, at);
    }
  }
}

function excess(ids: readonly string[]): number {
  return ids.length - new Set(ids).size;
}
