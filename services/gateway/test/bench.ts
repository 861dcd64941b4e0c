import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventLog, openEmbeddedEventLog } from '@glitchwatch/event-log';
import { GatewayServiceClient, topicLayouts } from '@glitchwatch/proto';
import { createLogger, createRegistry, type Registry, systemClock } from '@glitchwatch/service-kit';
import { credentials } from '@grpc/grpc-js';
import type { GatewayConfigInput } from '../src/config.js';
import { createGatewayService, type GatewayService } from '../src/service.js';

export interface Bench {
  readonly log: EventLog;
  readonly service: GatewayService;
  readonly registry: Registry;
  readonly grpc: GatewayServiceClient;
  get(path: string): Promise<Response>;
  json<T>(path: string): Promise<T>;
  metric(line: string): Promise<number>;
  /** Another gateway over the same log; this one is stopped. */
  restart(): Promise<Bench>;
  close(): Promise<void>;
}

/** The true gateway on free ports over a true embedded log; `before` fills the log first. */
export async function startBench(
  config: GatewayConfigInput = {},
  before: (log: EventLog) => Promise<unknown> = () => Promise.resolve(),
): Promise<Bench> {
  const dir = await mkdtemp(join(tmpdir(), 'gateway-'));
  const log = await openEmbeddedEventLog({ dir, pollIntervalMs: 5 });
  await log.ensureTopics(topicLayouts);
  await before(log);
  return await startOver(dir, log, config);
}

async function startOver(dir: string, log: EventLog, config: GatewayConfigInput): Promise<Bench> {
  const registry = createRegistry();
  const service = createGatewayService(
    { httpPort: 0, grpcPort: 0, mapSettleMs: 30, ...config },
    {
      log,
      registry,
      logger: createLogger({ name: 'test', level: 'silent' }),
      clock: systemClock,
    },
  );
  await service.start();
  await until(() => service.readiness().ready);
  const grpc = new GatewayServiceClient(service.grpcAddress, credentials.createInsecure());
  const get = (path: string): Promise<Response> => fetch(`${service.httpUrl}${path}`);
  return {
    log,
    service,
    registry,
    grpc,
    get,
    json: async <T>(path: string) => (await (await get(path)).json()) as T,
    metric: async (line) => {
      const text = await registry.metrics();
      const found = text.split('\n').find((candidate) => candidate.startsWith(`${line} `));
      return found === undefined ? 0 : Number(found.slice(line.length + 1));
    },
    async restart() {
      grpc.close();
      await service.stop();
      return await startOver(dir, log, config);
    },
    async close() {
      grpc.close();
      await service.stop();
      await log.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Waits for a condition, at most ten seconds. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what = 'the condition',
): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited 10 s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
