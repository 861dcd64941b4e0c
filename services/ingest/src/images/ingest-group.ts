import { Glitch, type SpectrogramGrid, Trigger } from '@glitchwatch/proto';
import type { DecoderPool } from '../decoder-pool.js';
import { type IngestProblem, isTemporary } from '../errors.js';
import type { IngestMetrics } from '../ingest-metrics.js';
import type { Limiter } from '../limiter.js';
import type { Pipeline, SubmitResult } from '../pipeline.js';
import { readWindow } from '../windows.js';
import type { Metadata } from './metadata-csv.js';
import { problemOf, type ReportBuilder } from './report.js';
import type { PictureGroup } from './scan-folder.js';

export interface GroupContext {
  readonly pipeline: Pipeline;
  readonly decoder: DecoderPool;
  readonly metrics: IngestMetrics;
  readonly report: ReportBuilder;
  readonly metadata: Metadata | undefined;
  /** Bounds the pictures in memory, over all glitches. */
  readonly pictures: Limiter;
  readonly maxPictureBytes: number;
}

/**
 * Reads one glitch's pictures and hands it in. A picture that cannot be read is
 * reported and the other windows go in; a glitch with none is refused.
 */
export async function ingestGroup(group: PictureGroup, context: GroupContext): Promise<void> {
  const { report, pipeline } = context;
  const trigger = triggerOf(group, context);
  if (trigger === undefined) return;
  try {
    const result =
      (await pipeline.findDuplicate(trigger)) ?? (await readAndSubmit(trigger, group, context));
    if (result?.status === 'accepted') report.accepted += 1;
    else if (result?.status === 'duplicate') report.duplicates += 1;
  } catch (error) {
    const problem = problemOf(error);
    // Going on would refuse every glitch after it as well.
    if (isTemporary(problem.code)) throw error;
    report.rejectCounted({
      ...problem,
      file: firstFile(group),
      message: `${group.key}: ${problem.message}`,
    });
  }
}

/** Undefined where no picture can be read, which is then in the report. */
async function readAndSubmit(
  trigger: Trigger,
  group: PictureGroup,
  context: GroupContext,
): Promise<SubmitResult | undefined> {
  const { report, pipeline } = context;
  const { windows, problems } = await readPictures(group, context);
  if (windows.length === 0) {
    report.reject(nothingReadable(group, problems));
    return undefined;
  }
  for (const problem of problems) report.warn(problem);
  return pipeline.submit(Glitch.fromPartial({ trigger, windows }));
}

/** Undefined where the CSV's row was refused: its glitch must not go in under another id. */
function triggerOf(group: PictureGroup, { metadata, report }: GroupContext): Trigger | undefined {
  const { key, ifo, externalId } = group;
  const known = metadata?.triggers.get(key);
  if (known !== undefined) return known;
  if (metadata?.refused.has(key) === true) return undefined;
  if (metadata !== undefined) report.withoutMetadata += 1;
  return Trigger.fromPartial({ ifo, externalId, source: 'images' });
}

interface ReadPictures {
  readonly windows: SpectrogramGrid[];
  readonly problems: readonly IngestProblem[];
}

async function readPictures(group: PictureGroup, context: GroupContext): Promise<ReadPictures> {
  const windows: SpectrogramGrid[] = [];
  const problems: IngestProblem[] = [];
  await Promise.all(
    [...group.files].map(([windowSec, file]) =>
      context.pictures.run(async () => {
        try {
          windows.push(await readPicture(file, windowSec, context));
          context.report.picturesRead += 1;
        } catch (error) {
          const problem = problemOf(error);
          problems.push({ ...problem, file, message: `${file}: ${problem.message}` });
        }
      }),
    ),
  );
  return { windows, problems };
}

async function readPicture(
  file: string,
  windowSec: number,
  { metrics, decoder, maxPictureBytes: maxBytes }: GroupContext,
): Promise<SpectrogramGrid> {
  const decode = () => decoder.decodeFile({ file, maxBytes });
  return metrics.time('decode', () => readWindow({ windowSec, origin: file, decode }));
}

function nothingReadable(group: PictureGroup, problems: readonly IngestProblem[]): IngestProblem {
  const reasons = problems.map((problem) => problem.message).join(' ');
  return {
    code: 'no_readable_window',
    message: `${group.key}: none of its ${group.files.size} pictures can be read. ${reasons}`,
    file: firstFile(group),
  };
}

function firstFile(group: PictureGroup): string {
  return group.files.values().next().value ?? '';
}
