import type { Trigger } from '@glitchwatch/proto';
import { WINDOWS_SEC } from '@glitchwatch/spectrogram';
import { isTemporary } from '../errors.js';
import { problemOf, type ReportBuilder } from '../images/report.js';
import type { KnownEvent } from '../known-events.js';
import type { Pipeline } from '../pipeline.js';
import { glitchOfScan, triggerOfFound } from './glitch-of-scan.js';
import type { ScanOutcome } from './scan-messages.js';
import type { ScanPool } from './scan-pool.js';
import { middleOf, type SearchPart, type StrainChannel, seriesAround } from './strain-library.js';

/** Triggers of one block of one channel. */
export interface TriggerBlock {
  readonly channel: StrainChannel;
  readonly middleSec: number;
  readonly triggers: Trigger[];
}

export interface ScanSubmitter {
  /** Searches a part of strain and hands in what is found. */
  submitPart(part: SearchPart, minSnr: number): Promise<void>;
  /** Scans triggers and hands them in. */
  submitBlock(block: TriggerBlock): Promise<void>;
}

export interface ScanSubmitterOptions {
  readonly pool: Pick<ScanPool, 'scan'>;
  readonly pipeline: Pipeline;
  readonly report: ReportBuilder;
  readonly events: readonly KnownEvent[];
}

/**
 * What cannot be scanned or is refused becomes a line of the report, and the rest goes on.
 * Both throw IngestError that is temporary: everything after it would fail as well.
 */
export function createScanSubmitter(options: ScanSubmitterOptions): ScanSubmitter {
  const { pool, pipeline, report, events } = options;

  async function submitScan(trigger: Partial<Trigger>, outcome: ScanOutcome): Promise<void> {
    if ('problem' in outcome) {
      report.reject(outcome.problem);
      return;
    }
    report.scans += 1;
    for (const windowSec of outcome.leftOutSec) {
      const message = `${outcome.file} at GPS ${Number(outcome.gpsNs) / 1e9}: the ${windowSec} s window reaches beyond the strain. Left out.`;
      report.warn({ code: 'missing_window', message, file: outcome.file });
    }
    try {
      const { status } = await pipeline.submit(glitchOfScan(trigger, outcome, events));
      if (status === 'accepted') report.accepted += 1;
      else report.duplicates += 1;
    } catch (error) {
      const problem = problemOf(error);
      if (isTemporary(problem.code)) throw error;
      report.rejectCounted({ ...problem, file: outcome.file });
    }
  }

  return {
    async submitPart({ series, middleSec, fromGpsNs, toGpsNs }, minSnr) {
      const ifo = series[0]?.ifo ?? '';
      const search = { fromGpsNs, toGpsNs, minSnr };
      const task = { series, middleSec, search, windowsSec: WINDOWS_SEC, asFigure: false };
      const result = await orProblem(() => pool.scan({ ...task, gpsNs: [] }));
      if ('problem' in result) {
        report.reject({ ...result.problem, ...fileOf(series) });
        return;
      }
      for (const problem of result.problems) report.warn(problem);
      report.glitchesFound += result.scans.length;
      for (const outcome of result.scans) {
        const trigger = 'problem' in outcome ? {} : triggerOfFound(outcome, ifo);
        await submitScan(trigger, outcome);
        report.glitchesDone += 1;
      }
    },
    async submitBlock({ channel, middleSec, triggers }) {
      const fresh: Trigger[] = [];
      for (const trigger of triggers) {
        if ((await pipeline.findDuplicate(trigger)) === undefined) fresh.push(trigger);
        else report.duplicates += 1;
      }
      if (fresh.length > 0) {
        const result = await orProblem(() =>
          pool.scan({
            series: seriesAround(channel.series, middleSec),
            middleSec,
            windowsSec: WINDOWS_SEC,
            asFigure: false,
            gpsNs: fresh.map(({ peakGpsNs }) => peakGpsNs ?? 0n),
          }),
        );
        for (const [i, trigger] of fresh.entries()) {
          const outcome = 'problem' in result ? result : result.scans[i];
          if (outcome === undefined) continue;
          const known = { channel: channel.channel, ...withoutEmpty(trigger) };
          if ('problem' in outcome && !('gpsNs' in outcome)) report.reject(outcome.problem);
          else await submitScan(known, outcome);
        }
      }
      report.glitchesDone += triggers.length;
    },
  };
}

async function orProblem<T extends object>(work: () => Promise<T>) {
  try {
    return await work();
  } catch (error) {
    const problem = problemOf(error);
    if (isTemporary(problem.code)) throw error;
    return { problem };
  }
}

/** A trigger without a channel gets that of its strain. */
function withoutEmpty(trigger: Trigger): Partial<Trigger> {
  const { channel, ...rest } = trigger;
  return channel === '' ? rest : trigger;
}

function fileOf(series: SearchPart['series']) {
  const [first] = series;
  return first === undefined ? {} : { file: first.file };
}

/** Triggers by the block in which they are scanned, earliest block first. */
export function blocksOf(
  triggers: readonly Trigger[],
  channelOf: (trigger: Trigger) => StrainChannel | undefined,
): TriggerBlock[] {
  const blocks = new Map<string, TriggerBlock>();
  for (const trigger of triggers) {
    const channel = channelOf(trigger);
    if (channel === undefined || trigger.peakGpsNs === undefined) continue;
    const middleSec = middleOf(trigger.peakGpsNs);
    const key = `${channel.ifo} ${channel.channel} ${channel.sampleRateHz} ${middleSec}`;
    const block = blocks.get(key) ?? { channel, middleSec, triggers: [] };
    blocks.set(key, block);
    block.triggers.push(trigger);
  }
  return [...blocks.values()].sort((a, b) => a.middleSec - b.middleSec);
}
