import { Glitch, glitchIdOf, messageHeaders, type Trigger, topics } from '@glitchwatch/proto';
import type { Clock } from '@glitchwatch/service-kit';
import type { Appender, AppendOutcome } from './appender.js';
import { IngestError } from './errors.js';
import type { IngestMetrics } from './ingest-metrics.js';
import type { Ledger } from './ledger.js';
import { validateTrigger } from './validate-trigger.js';
import { checkGrid, orderWindows } from './windows.js';

export interface PipelineOptions {
  readonly appender: Appender;
  readonly ledger: Pick<Ledger, 'has'>;
  readonly metrics: IngestMetrics;
  readonly clock: Clock;
  readonly maxGlitchBytes: number;
}

export interface SubmitResult {
  readonly status: AppendOutcome;
  readonly glitchId: string;
}

/** The one way into the log, whatever the source: validate, identify, dedupe, append. */
export interface Pipeline {
  /**
   * Validates a trigger and looks it up before its pictures are decoded: a folder
   * read again costs no decoding. Undefined where it is new.
   * @throws IngestError; the error is counted.
   */
  findDuplicate(trigger: Trigger): Promise<SubmitResult | undefined>;
  /**
   * Takes a glitch whose grids we made ourselves.
   * @throws IngestError; the error is counted.
   */
  submit(glitch: Glitch): Promise<SubmitResult>;
  /** The same for grids made elsewhere: each is decoded first. */
  submitForeign(glitch: Glitch): Promise<SubmitResult>;
}

export function createPipeline({
  appender,
  ledger,
  metrics,
  clock,
  maxGlitchBytes,
}: PipelineOptions): Pipeline {
  async function submit(candidate: Glitch): Promise<SubmitResult> {
    const glitch = identify(candidate, clock.nowMs());
    const { glitchId, ifo, source } = glitch.trigger;
    const value = Glitch.encode(glitch).finish();
    if (value.length > maxGlitchBytes) {
      throw new IngestError(
        'too_large',
        `The glitch is too large: expected at most ${maxGlitchBytes} bytes; found ${value.length}.`,
      );
    }
    const status = await appender.append({
      glitchId,
      record: {
        topic: topics.triggers,
        key: glitchId,
        value,
        headers: messageHeaders('Glitch', glitchId),
      },
    });
    if (status === 'accepted') metrics.accepted(ifo, source);
    else metrics.duplicate(source);
    return { status, glitchId };
  }

  async function counted<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof IngestError) metrics.error(error.code);
      throw error;
    }
  }

  return {
    findDuplicate: (trigger) =>
      counted(async () => {
        validateTrigger(trigger);
        const glitchId = glitchIdOf(trigger);
        const [isKnown] = await metrics.time('dedupe', () => ledger.has([glitchId]));
        if (isKnown !== true) return undefined;
        metrics.duplicate(trigger.source);
        return { status: 'duplicate', glitchId };
      }),
    submit: (glitch) => counted(() => submit(glitch)),
    submitForeign: (glitch) =>
      counted(async () => {
        for (const grid of glitch.windows) checkGrid(grid);
        return submit(glitch);
      }),
  };
}

type IdentifiedGlitch = Glitch & { readonly trigger: NonNullable<Glitch['trigger']> };

/** Checks the trigger and fills in what only ingest knows: the id and the time of arrival. */
function identify({ trigger, windows }: Glitch, nowMs: number): IdentifiedGlitch {
  if (trigger === undefined) {
    throw new IngestError('bad_request', 'A glitch needs a trigger; found none.', {
      field: 'trigger',
    });
  }
  validateTrigger(trigger);
  const ordered = orderWindows(windows);
  const glitchId = glitchIdOf(trigger);
  return { trigger: { ...trigger, glitchId }, windows: ordered, ingestedAtMs: BigInt(nowMs) };
}
