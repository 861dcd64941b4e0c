import type { EventLog, LogRecord } from '@glitchwatch/event-log';
import { Assignment, Embedding, type Family, ModelActivated, topics } from '@glitchwatch/proto';
import { CliError } from '../errors.js';

/** One glitch with all that the pipeline found out about it. */
export interface AssignedGlitch {
  readonly assignment: Assignment;
  readonly vector: Float32Array;
  readonly windowsSec: readonly number[];
}

export interface CollectedRun {
  /** In order of detector, external id and glitch id: the row order of every file. */
  readonly glitches: readonly AssignedGlitch[];
  readonly families: readonly Family[];
  readonly modelVersion: number;
}

async function* recordsOf(log: EventLog, topic: string): AsyncIterable<LogRecord> {
  const { signal } = new AbortController();
  for await (const batch of log.tail({ topic, from: 'earliest', signal, stopAtEnd: true })) {
    yield* batch.records;
  }
}

async function newestModel(log: EventLog): Promise<ModelActivated> {
  let newest: ModelActivated | undefined;
  for await (const { value } of recordsOf(log, topics.models)) {
    const model = ModelActivated.decode(value);
    if (newest === undefined || model.modelVersion > newest.modelVersion) newest = model;
  }
  if (!newest) throw new CliError('pipeline_failed', 'no model was activated');
  return newest;
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function byIdentity(a: AssignedGlitch, b: AssignedGlitch): number {
  const [s, t] = [a.assignment, b.assignment];
  return (
    compare(s.trigger?.ifo ?? '', t.trigger?.ifo ?? '') ||
    compare(s.trigger?.externalId ?? '', t.trigger?.externalId ?? '') ||
    compare(s.glitchId, t.glitchId)
  );
}

/** Joins embeddings and the assignments of the newest model, by glitch id. */
export async function collectRun(log: EventLog): Promise<CollectedRun> {
  const model = await newestModel(log);
  const embeddings = new Map<string, Embedding>();
  for await (const { value } of recordsOf(log, topics.embeddings)) {
    const embedding = Embedding.decode(value);
    if (embedding.trigger) embeddings.set(embedding.trigger.glitchId, embedding);
  }
  const glitches = new Map<string, AssignedGlitch>();
  for await (const { value } of recordsOf(log, topics.assignments)) {
    const assignment = Assignment.decode(value);
    const embedding = embeddings.get(assignment.glitchId);
    if (assignment.modelVersion !== model.modelVersion || !embedding) continue;
    glitches.set(assignment.glitchId, {
      assignment,
      vector: Float32Array.from(embedding.vector),
      windowsSec: embedding.windowsSec,
    });
  }
  if (glitches.size !== embeddings.size) {
    throw new CliError(
      'pipeline_failed',
      `expected ${embeddings.size} assignments of model ${model.modelVersion}, found ${glitches.size}`,
    );
  }
  return {
    glitches: [...glitches.values()].sort(byIdentity),
    families: [...model.families].sort((a, b) => a.familyId - b.familyId),
    modelVersion: model.modelVersion,
  };
}
