import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type EventLog, type LogRecord, openEmbeddedEventLog } from '@glitchwatch/event-log';
import { Glitch, GridEncoding, topics } from '@glitchwatch/proto';
import { createLogger, createRegistry, type Registry, systemClock } from '@glitchwatch/service-kit';
import {
  encodeGrid,
  MESSAGE_GRID,
  renderPng,
  type SpectrogramGrid,
} from '@glitchwatch/spectrogram';
import { openEmbeddedStateStore, type StateStore } from '@glitchwatch/state-store';
import { type IngestConfigInput, ingestConfigSchema } from '../src/config.js';
import { createIngestService, type IngestService } from '../src/service.js';

export interface Bench {
  readonly dir: string;
  readonly log: EventLog;
  readonly state: StateStore;
  readonly registry: Registry;
  readonly service: IngestService;
  /** Every record of glitch.triggers, decoded. */
  glitches(): Promise<Glitch[]>;
  records(topic: string): Promise<LogRecord[]>;
  metric(line: string): Promise<number>;
  close(): Promise<void>;
}

export interface BenchOptions {
  readonly dir: string;
  readonly config?: IngestConfigInput;
  /** Stand-ins for the ports, built on the real ones. */
  readonly wrapLog?: (log: EventLog) => EventLog;
  readonly wrapState?: (state: StateStore) => StateStore;
}

/** The true service on free ports, over the true embedded log and state store. */
export async function startBench(options: BenchOptions): Promise<Bench> {
  const { dir, wrapLog = (log) => log, wrapState = (state) => state } = options;
  const log = await openEmbeddedEventLog({ dir: join(dir, 'log') });
  const state = await openEmbeddedStateStore({ dir: join(dir, 'state') });
  const registry = createRegistry();
  const input = options.config ?? {};
  const config = ingestConfigSchema.parse({
    ...input,
    http: { port: 0, ...input.http },
    grpc: { port: 0, ...input.grpc },
  });
  const service = createIngestService(config, {
    log: wrapLog(log),
    state: wrapState(state),
    registry,
    logger: createLogger({ name: 'test', level: 'silent' }),
    clock: systemClock,
  });
  await service.start();
  const records = (topic: string): Promise<LogRecord[]> => readAll(log, topic);
  return {
    dir,
    log,
    state,
    registry,
    service,
    records,
    glitches: async () => (await records(topics.triggers)).map(({ value }) => Glitch.decode(value)),
    metric: async (line) => {
      const found = (await registry.metrics())
        .split('\n')
        .find((text) => text.startsWith(`${line} `));
      return found === undefined ? 0 : Number(found.slice(line.length + 1));
    },
    async close() {
      await service.stop();
      await state.close();
      await log.close();
    },
  };
}

async function readAll(log: EventLog, topic: string): Promise<LogRecord[]> {
  const signal = new AbortController().signal;
  const all: LogRecord[] = [];
  for await (const batch of log.tail({ topic, from: 'earliest', signal, stopAtEnd: true })) {
    all.push(...batch.records);
  }
  return all;
}

export async function temporaryFolder(): Promise<{ dir: string; remove(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'ingest-'));
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}

/** A message grid with one bright spot that depends on the seed. */
export function gridOf(seed: number): SpectrogramGrid {
  const { nFrequency, nTime } = MESSAGE_GRID;
  const data = new Uint8Array(nFrequency * nTime);
  const row = 20 + ((seed * 37) % 80);
  const column = 20 + ((seed * 53) % 80);
  for (let y = 0; y < nFrequency; y += 1) {
    for (let x = 0; x < nTime; x += 1) {
      const distance = (x - column) ** 2 + (y - row) ** 2;
      data[y * nTime + x] = Math.round(220 * Math.exp(-distance / 60));
    }
  }
  return { nFrequency, nTime, data };
}

/** A Gravity Spy figure of that grid. */
export async function pngOf(seed: number, windowSec = 1): Promise<Buffer> {
  return Buffer.from(await renderPng(gridOf(seed), { windowSec }));
}

/** An encoded grid as it travels. */
export function gridMessage(seed: number, windowSec: number) {
  const encoding = GridEncoding.GRID_ENCODING_DELTA_DEFLATE;
  const data = Buffer.from(encodeGrid(gridOf(seed)));
  return { windowSec, ...MESSAGE_GRID, encoding, data, origin: '' };
}

/** A glitch as the simulator would hand it in. */
export function glitchOf(seed: number): Glitch {
  return Glitch.fromPartial({
    trigger: { ifo: 'L1', peakGpsNs: 1_126_259_462_000_000_000n + BigInt(seed), channel: 'TEST' },
    windows: [gridMessage(seed, 0.5), gridMessage(seed, 2)],
  });
}

export async function put(dir: string, name: string, bytes: Uint8Array): Promise<string> {
  const file = join(dir, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
  return file;
}

/** A PNG header that promises a picture of that size and holds none of it. */
export function pngHeader(widthPx: number, heightPx: number): Buffer {
  const bytes = Buffer.alloc(33);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  bytes.writeUInt32BE(13, 8);
  bytes.write('IHDR', 12, 'latin1');
  bytes.writeUInt32BE(widthPx, 16);
  bytes.writeUInt32BE(heightPx, 20);
  bytes.set([8, 2, 0, 0, 0], 24);
  return bytes;
}
