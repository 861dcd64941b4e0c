import { followEvents } from './event-stream.js';
import type { Gateway } from './gateway.js';
import { decodeMap } from './map-decoder.js';
import type {
  Agreement,
  Alert,
  Explanation,
  Families,
  Family,
  Glitch,
  Status,
} from './messages.js';

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
    async renameFamily(familyId, name) {
      const response = await fetch(`${base}/v1/families/${familyId}/name`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const answer = (await response.json()) as Family & { readonly message?: string };
      if (!response.ok)
        throw new Error(answer.message ?? `the gateway answered ${response.status}`);
      return answer;
    },
    alerts: async () => (await json<{ alerts: Alert[] }>('/v1/alerts')).alerts,
    async glitch(glitchId) {
      const response = await ask(`/v1/glitches/${glitchId}`);
      return response.ok ? ((await response.json()) as Glitch) : undefined;
    },
    agreement: (familyIds) =>
      json<Agreement>(
        `/v1/agreement${familyIds.length === 0 ? '' : `?family=${familyIds.join(',')}`}`,
      ),
    async label(glitchId, label) {
      const response = await fetch(`${base}/v1/glitches/${glitchId}/label`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ label, by: 'explorer' }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (response.ok) return;
      const answer = (await response.json().catch(() => ({}))) as { message?: string }; // may be no JSON
      throw new Error(answer.message ?? `the gateway answered ${response.status}`);
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
