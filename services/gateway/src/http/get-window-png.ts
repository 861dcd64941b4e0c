import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../context.js';
import { GatewayError } from '../errors.js';
import type { WindowChoice } from '../pictures/pictures.js';

const MIN_PX = 32;
const MAX_PX = 1024;
const DEFAULT_PX = 256;

interface Route {
  readonly Params: { readonly id: string; readonly window: string };
  readonly Querystring: { readonly axes?: string; readonly size?: string };
}

/**
 * GET /v1/glitches/:id/windows/:sec.png?axes=1&size=256, where :sec is 0.5, 1, 2,
 * 4 or "preview". A glitch never changes, so the answer may be kept.
 */
export function getWindowPng(app: FastifyInstance, parts: GatewayParts): void {
  app.get<Route>('/v1/glitches/:id/windows/:window.png', async (request, reply) => {
    const picture = await parts.pictures.png({
      glitchId: request.params.id,
      window: readWindow(request.params.window),
      axes: request.query.axes === '1',
      sizePx: readSize(request.query.size),
    });
    const etag = `"${createHash('sha256').update(picture).digest('base64url').slice(0, 22)}"`;
    reply.header('etag', etag).header('cache-control', 'private, max-age=86400');
    if (request.headers['if-none-match'] === etag) return reply.status(304).send();
    return reply
      .type('image/png')
      .send(Buffer.from(picture.buffer, picture.byteOffset, picture.byteLength));
  });
}

function readWindow(text: string): WindowChoice {
  if (text === 'preview') return text;
  const windowSec = Number(text);
  if (/^\d(\.\d)?$/.test(text) && windowSec > 0) return windowSec;
  throw new GatewayError(
    'invalid_argument',
    `window: expected 0.5, 1, 2, 4 or preview, found ${JSON.stringify(text.slice(0, 32))}`,
  );
}

function readSize(text: string | undefined): number {
  if (text === undefined) return DEFAULT_PX;
  const size = Number(text);
  if (Number.isInteger(size) && size >= MIN_PX && size <= MAX_PX) return size;
  throw new GatewayError(
    'invalid_argument',
    `size: expected a whole number from ${MIN_PX} to ${MAX_PX}, found ${JSON.stringify(text.slice(0, 32))}`,
  );
}
