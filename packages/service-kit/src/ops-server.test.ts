import { afterEach, describe, expect, it } from 'vitest';
import type { HttpServer } from './http-server.js';
import type { Readiness } from './lifecycle.js';
import { counter, createRegistry } from './metrics.js';
import { startOpsServer } from './ops-server.js';

let server: HttpServer | undefined;
afterEach(() => server?.close());

async function startWith(readiness: () => Readiness) {
  const registry = createRegistry();
  counter(registry, { name: 'glitchwatch_test_things_total', help: 'Things' }).inc(3);
  server = await startOpsServer({
    host: '127.0.0.1',
    port: 0,
    registry,
    services: [
      { name: 'ingest', readiness: () => ({ ready: true, detail: 'listening' }) },
      { name: 'embedder', readiness },
    ],
  });
  return server.url;
}

describe('startOpsServer', () => {
  it('is live and ready, and shows the metrics', async () => {
    const url = await startWith(() => ({ ready: true, detail: 'model loaded' }));
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({
      ready: true,
      services: [
        { name: 'ingest', ready: true, detail: 'listening' },
        { name: 'embedder', ready: true, detail: 'model loaded' },
      ],
    });
    const metrics = await fetch(`${url}/metrics`);
    expect(metrics.headers.get('content-type')).toContain('text/plain');
    expect(await metrics.text()).toContain('glitchwatch_test_things_total 3');
  });

  it('stays live but is not ready while one service is not, and says which', async () => {
    const url = await startWith(() => ({ ready: false, detail: 'model is loading' }));
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.text()).toContain('model is loading');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('shows readiness as a metric, one series a service', async () => {
    let ready = false;
    const url = await startWith(() => ({ ready, detail: 'model is loading' }));
    const scrape = async () => (await fetch(`${url}/metrics`)).text();
    const before = await scrape();
    expect(before).toContain('glitchwatch_service_ready{service="ingest"} 1');
    expect(before).toContain('glitchwatch_service_ready{service="embedder"} 0');
    ready = true;
    expect(await scrape()).toContain('glitchwatch_service_ready{service="embedder"} 1');
  });

  it('takes a check that throws for not ready', async () => {
    const url = await startWith(() => {
      throw new Error('check is broken');
    });
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.text()).toContain('check is broken');
  });
});
