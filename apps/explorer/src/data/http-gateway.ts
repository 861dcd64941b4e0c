import { followEvents } from './event-stream.js';
import type { Gateway } from './gateway.js';
import { decodeMap } from './map-decoder.js';
import type { Alert, Explanation, Families, Glitch, Status } from './messages.js';

const TIMEOUT_MS = 20_000;

/** The gateway that served this page. */
export function createHttpGateway(base = ''): Gateway {
  async function ask(path: string): Promise<Response> {
    const response = await fetch(`${base}${path}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.ok || response.status === 404 || response.status === 410) return response;
    throw new Error(`${path}: the gateway answered ${response.status}`);
  }

  async function json<T>(path: string): Promise<T> {
    const response = await ask(path);
    if (!response.ok) throw new Error(`${path}: the gateway answered ${response.status}`);
    return (await response.json()) as T;
  }

  return {
    status: () => json<Status>('/v1/status'),
    families: () => json<Families>('/v1/families'),
    alerts: async () => (await json<{ alerts: Alert[] }>('/v1/alerts')).alerts,
    async glitch(glitchId) {
      const response = await ask(`/v1/glitches/${glitchId}`);
      return response.ok ? ((await response.json()) as Glitch) : undefined;
    },
    async explanation(glitchId) {
      const path = `/v1/glitches/${glitchId}/explanation`;
      const response = await fetch(`${base}${path}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (response.ok) {
        return { kind: 'known', explanation: (await response.json()) as Explanation };
      }
      const { message } = (await response.json()) as { readonly message: string };
      return { kind: 'refused', reason: message };
    },
    async map() {
      const response = await ask('/v1/map?format=binary');
      return decodeMap(await response.arrayBuffer());
    },
    pictureUrl: (glitchId, window, sizePx) =>
      `${base}/v1/glitches/${glitchId}/windows/${window}.png?size=${sizePx}`,
    follow: (cursor, listener) =>
      followEvents(`${base}/v1/events?cursor=${encodeURIComponent(cursor)}`, listener),
  };
}
