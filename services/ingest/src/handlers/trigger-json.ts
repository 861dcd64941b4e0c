import { GridEncoding, SubmitTriggersRequest } from '@glitchwatch/proto';
import { z } from 'zod';
import { IngestError } from '../errors.js';

/** A decimal string, for JSON numbers are exact only up to 2^53. */
const gpsNs = z.string().regex(/^\d{1,19}$/, 'expected nanoseconds as a string of digits');
const base64 = z
  .string()
  .regex(/^[A-Za-z0-9+/]*={0,2}$/, 'expected base64 without line breaks')
  .transform((text) => Buffer.from(text, 'base64'));
const text = z.string().default('');
const number = z.number().optional();

const triggerSchema = z.strictObject({
  ifo: z.string(),
  peakGpsNs: gpsNs.transform((digits) => BigInt(digits)).optional(),
  channel: text,
  externalId: text,
  label: text,
  snr: number,
  peakFrequencyHz: number,
  centralFrequencyHz: number,
  bandwidthHz: number,
  durationSec: number,
  extra: z.record(z.string(), z.string()).default({}),
  images: z
    .array(z.strictObject({ windowSec: z.number(), png: base64, origin: text }))
    .max(4)
    .default([]),
  grids: z
    .array(
      z.strictObject({
        windowSec: z.number(),
        nFrequency: z.number().int().positive(),
        nTime: z.number().int().positive(),
        data: base64,
        origin: text,
      }),
    )
    .max(4)
    .default([]),
});

/**
 * One item of POST /v1/triggers as the message that gRPC carries.
 * @throws IngestError `bad_request` naming each bad field.
 */
export function requestOfJson(item: unknown): SubmitTriggersRequest {
  const result = triggerSchema.safeParse(item);
  if (!result.success) {
    const [first] = result.error.issues;
    const problems = result.error.issues.map(
      (issue) => `${issue.path.map(String).join('.') || 'the item'}: ${issue.message}`,
    );
    throw new IngestError('bad_request', `Not a trigger: ${problems.slice(0, 8).join('. ')}.`, {
      field: first?.path.map(String).join('.') ?? '',
    });
  }
  const { images, grids, ...trigger } = result.data;
  const encoding = GridEncoding.GRID_ENCODING_DELTA_DEFLATE;
  return SubmitTriggersRequest.fromPartial({
    trigger,
    images,
    grids: grids.map((grid) => ({ ...grid, encoding })),
  });
}
