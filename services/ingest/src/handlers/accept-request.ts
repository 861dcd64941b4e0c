import type { SpectrogramGrid, SubmitTriggersRequest, Trigger } from '@glitchwatch/proto';
import type { DeadLetters } from '../dead-letter.js';
import type { DecoderPool } from '../decoder-pool.js';
import { IngestError, isTemporary } from '../errors.js';
import type { IngestMetrics } from '../ingest-metrics.js';
import type { Pipeline, SubmitResult } from '../pipeline.js';
import { checkGrid, orderWindows, readWindow } from '../windows.js';

export interface WireContext {
  readonly pipeline: Pipeline;
  readonly decoder: DecoderPool;
  readonly metrics: IngestMetrics;
  readonly deadLetters: DeadLetters;
  readonly maxPictureBytes: number;
}

export interface Sender {
  readonly source: 'grpc' | 'http';
  /** For the dead letter, for example "grpc 127.0.0.1:40000". */
  readonly origin: string;
}

export type RequestOutcome =
  | ({ readonly kind: 'taken' } & SubmitResult)
  | { readonly kind: 'refused'; readonly error: IngestError };

/**
 * Takes one request off the wire. What is wrong with it is an outcome and a dead
 * letter; here one bad picture refuses the whole glitch, for the sender can hand
 * it in again.
 *
 * @throws IngestError that is temporary: the sender must retry.
 */
export async function acceptRequest(
  request: SubmitTriggersRequest,
  sender: Sender,
  context: WireContext,
): Promise<RequestOutcome> {
  const { pipeline, deadLetters } = context;
  try {
    const trigger = triggerOf(request, sender, context);
    const result =
      (await pipeline.findDuplicate(trigger)) ??
      (await pipeline.submit({
        trigger,
        windows: await windowsOf(request, context),
        ingestedAtMs: 0n,
      }));
    return { kind: 'taken', ...result };
  } catch (error) {
    if (!(error instanceof IngestError) || isTemporary(error.code)) throw error;
    await deadLetters.put({ error, request, origin: sender.origin });
    return { kind: 'refused', error };
  }
}

function triggerOf(
  { trigger }: SubmitTriggersRequest,
  { source }: Sender,
  { metrics }: WireContext,
): Trigger {
  if (trigger !== undefined) return { ...trigger, source };
  metrics.error('bad_request');
  throw new IngestError('bad_request', 'Expected a trigger; found none.', { field: 'trigger' });
}

/** Cheap checks come before the decoding of pictures. */
async function windowsOf(
  { images, grids }: SubmitTriggersRequest,
  { decoder, metrics, maxPictureBytes }: WireContext,
): Promise<SpectrogramGrid[]> {
  try {
    orderWindows([...images, ...grids].map(({ windowSec }) => ({ windowSec })));
    for (const grid of grids) checkGrid(grid);
    for (const { png, windowSec } of images) checkSize(png, windowSec, maxPictureBytes);
    const read = await Promise.all(
      images.map(({ windowSec, origin, png }) =>
        metrics.time('decode', () =>
          readWindow({ windowSec, origin, decode: () => decoder.decode(png) }),
        ),
      ),
    );
    return [...grids, ...read];
  } catch (error) {
    if (error instanceof IngestError) metrics.error(error.code);
    throw error;
  }
}

function checkSize(png: Uint8Array, windowSec: number, maxBytes: number): void {
  if (png.length <= maxBytes) return;
  throw new IngestError(
    'too_large',
    `The ${windowSec} s picture is too large: expected at most ${maxBytes} bytes; found ${png.length}.`,
    { field: 'images' },
  );
}
