import { afterEach, describe, expect, it } from 'vitest';
import { ServiceError } from './errors.js';
import { type FastifyInstance, type HttpServer, startHttpServer } from './http-server.js';
import { createLogger } from './logger.js';

const logger = createLogger({ name: 'test', level: 'silent' });
const open: HttpServer[] = [];

async function start(configure: (app: FastifyInstance) => void, bodyLimitBytes?: number) {
  const server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    logger,
    bodyLimitBytes,
    closeGraceMs: 50,
    configure,
  });
  open.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

describe('startHttpServer', () => {
  it('serves on a free port and names it', async () => {
    const { url, port } = await start((app) => void app.get('/x', () => ({ ok: true })));
    expect(url).toBe(`http://127.0.0.1:${port}`);
    expect(await (await fetch(`${url}/x`)).json()).toEqual({ ok: true });
  });

  it('says port_in_use with host and port', async () => {
    const { port } = await start(() => undefined);
    const second = startHttpServer({
      host: '127.0.0.1',
      port,
      logger,
      configure: () => undefined,
    });
    await expect(second).rejects.toMatchObject({
      code: 'port_in_use',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
  });

  const cases: {
    what: string;
    path: string;
    init: RequestInit;
    status: number;
    code: string;
    message: RegExp;
  }[] = [
    {
      what: 'no route',
      path: '/nowhere',
      init: {},
      status: 404,
      code: 'not_found',
      message: /GET \/nowhere/,
    },
    {
      what: 'body over the limit',
      path: '/echo',
      init: post(JSON.stringify('x'.repeat(200))),
      status: 413,
      code: 'too_large',
      message: /too large/i,
    },
    {
      what: 'broken JSON',
      path: '/echo',
      init: post('{'),
      status: 400,
      code: 'invalid_argument',
      message: /JSON/,
    },
    {
      what: 'our own error',
      path: '/ours',
      init: {},
      status: 429,
      code: 'rate_limited',
      message: /slow down/,
    },
    {
      what: 'a bug',
      path: '/bug',
      init: {},
      status: 500,
      code: 'internal',
      message: /^Internal error\.$/,
    },
  ];
  it.each(cases)(
    'answers {code, message} for $what',
    async ({ path, init, status, code, message }) => {
      const { url } = await start((app) => {
        app.post('/echo', (request) => request.body);
        app.get('/ours', () => {
          throw new ServiceError('rate_limited', 'Please slow down.');
        });
        app.get('/bug', () => {
          throw new Error('database password is hunter2');
        });
      }, 100);
      const response = await fetch(url + path, init);
      expect(response.status).toBe(status);
      expect(response.headers.get('content-type')).toContain('application/json');
      const body = (await response.json()) as { code: string; message: string };
      expect(Object.keys(body).sort()).toEqual(['code', 'message']);
      expect(body.code).toBe(code);
      expect(body.message).toMatch(message);
    },
  );

  it('closes twice, and cuts an endless answer after the grace', async () => {
    const server = await start((app) => {
      app.get('/endless', (_request, reply) => {
        reply.hijack();
        reply.raw.write('data: 1\n\n');
      });
    });
    const response = await fetch(`${server.url}/endless`);
    await Promise.all([server.close(), server.close()]);
    await expect(response.text()).rejects.toThrow();
  });
});

function post(body: string): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body };
}
