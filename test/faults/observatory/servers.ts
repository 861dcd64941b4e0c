import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalKafka, startLocalKafka } from '../../brokers/kafka.js';
import { LocalRedis } from '../../brokers/redis.js';
import { mountSmallDisk, type SmallDisk } from '../../fixtures/small-disk.js';
import { Clock } from './clock.js';
import { type Line, Network } from './network.js';

/** Room for the broker's log as long as it is not meant to be full. */
export const DISK_MB = 3_000;

export interface Lines {
  readonly kafka: Line;
  readonly redis: Line;
}

/** What stands around the services. */
export interface Servers {
  readonly kafka: LocalKafka;
  readonly redis: LocalRedis;
  readonly lines: Lines | undefined;
  readonly disk: SmallDisk | undefined;
  readonly clock: Clock;
  /** What a service is told of them. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export async function startServers(options: {
  readonly hasNetwork: boolean;
  readonly hasSmallDisk: boolean;
}): Promise<Servers> {
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const one of closers.splice(0).reverse()) await one();
  };
  try {
    const dir = await mkdtemp(join(tmpdir(), 'glitchwatch-faults-'));
    closers.push(() => rm(dir, { recursive: true, force: true }));
    const disk = options.hasSmallDisk ? mountSmallDisk(DISK_MB) : undefined;
    if (disk) closers.push(() => disk.close());
    const network = options.hasNetwork ? await Network.start() : undefined;
    if (network) closers.push(() => network.stop());
    const kafkaLine = await network?.reserve();
    const redisLine = await network?.reserve();

    const kafka = await startLocalKafka({
      ...(disk && { dataDir: join(disk.dir, 'kafka') }),
      ...(kafkaLine && {
        extraListeners: (port) => `,PROXIED://127.0.0.1:${port}`,
        extraAdvertised: `,PROXIED://127.0.0.1:${kafkaLine.port}`,
      }),
    });
    closers.push(() => kafka.stop());
    const redis = await LocalRedis.start();
    closers.push(() => redis.dispose());
    const lines = kafkaLine &&
      redisLine && {
        kafka: await kafkaLine.leadTo(kafka.extraPort),
        redis: await redisLine.leadTo(redis.port),
      };
    const brokers = lines ? `127.0.0.1:${lines.kafka.port}` : kafka.brokers.join(',');
    return {
      kafka,
      redis,
      lines,
      disk,
      clock: await Clock.start(dir),
      environment: {
        GLITCHWATCH_DATA_DIR: join(dir, 'data'),
        GLITCHWATCH_KAFKA_BROKERS: brokers,
        GLITCHWATCH_REDIS_URL: lines ? `redis://127.0.0.1:${lines.redis.port}` : redis.url,
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
