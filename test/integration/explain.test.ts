import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmbedderService, embedderConfigSchema } from '@glitchwatch/embedder';
import { type EventLog, openEmbeddedEventLog } from '@glitchwatch/event-log';
import { createGatewayService } from '@glitchwatch/gateway';
import {
  Assignment,
  Glitch,
  GridEncoding,
  glitchIdOf,
  ModelActivated,
  topicLayouts,
  topics,
} from '@glitchwatch/proto';
import { createLogger, createRegistry, parseConfig, systemClock } from '@glitchwatch/service-kit';
import { createSimulator, type SimulatedGlitch } from '@glitchwatch/simulator';
import { encodeGrid } from '@glitchwatch/spectrogram';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../fixtures/wait-for.js';

/** Kinds whose energy fills a small part of the plane, by what the simulator says of it. */
const classes = ['Tomte', 'Power_Line', 'Air_Compressor'] as const;
const perClass = 5;

interface Tile {
  readonly windowSec: number;
  readonly lowHz: number;
  readonly highHz: number;
  readonly fromSec: number;
  readonly toSec: number;
  readonly importance: number;
}

interface Answer {
  readonly familyId: number;
  readonly references: readonly string[];
  readonly similarity: number;
  readonly windows: readonly {
    readonly windowSec: number;
    readonly rows: number;
    readonly columns: number;
    readonly importances: readonly number[];
  }[];
}

function tilesOf({ windows }: Answer): Tile[] {
  return windows.flatMap(({ windowSec, rows, columns, importances }) =>
    importances.map((importance, i) => {
      const hz = (edge: number) => 2048 * (10 / 2048) ** (edge / rows);
      const sec = (edge: number) => (edge / columns - 0.5) * windowSec;
      const [row, column] = [Math.floor(i / columns), i % columns];
      const [lowHz, highHz] = [hz(row + 1), hz(row)];
      return { windowSec, lowHz, highHz, fromSec: sec(column), toSec: sec(column + 1), importance };
    }),
  );
}

/** The simulator says at which frequency the loudest tile is, how broad it all is and how long. */
function overlaps(tile: Tile, { peakFrequencyHz, bandwidthHz, durationSec }: SimulatedGlitch) {
  const half = durationSec / 2;
  return (
    tile.highHz >= peakFrequencyHz - bandwidthHz &&
    tile.lowHz <= peakFrequencyHz + bandwidthHz &&
    tile.toSec >= -half &&
    tile.fromSec <= half
  );
}

function glitchOf(simulated: SimulatedGlitch, n: number): Glitch {
  const trigger = {
    ifo: 'H1',
    peakGpsNs: 1_400_000_000_000_000_000n + BigInt(n) * 1_000_000_000n,
    channel: 'SIMULATED-STRAIN',
    externalId: '',
  };
  return Glitch.fromPartial({
    trigger: { ...trigger, glitchId: glitchIdOf(trigger), label: simulated.className },
    windows: simulated.grids.map(({ windowSec, grid }) => ({
      windowSec,
      nFrequency: grid.nFrequency,
      nTime: grid.nTime,
      encoding: GridEncoding.GRID_ENCODING_DELTA_DEFLATE,
      data: Buffer.from(encodeGrid(grid)),
    })),
  });
}

describe('why a glitch is where it is', () => {
  const simulator = createSimulator({ seed: 5 });
  const simulated = classes.flatMap((className, c) =>
    Array.from({ length: perClass }, (_, i) => simulator.at(c * perClass + i, { className })),
  );
  const glitches = simulated.map(glitchOf);
  const idOf = (n: number): string => glitches[n]?.trigger?.glitchId ?? '';
  let dir: string;
  let log: EventLog;
  let stop: () => Promise<void>;
  let ask: (n: number) => Promise<Response>;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'explain-'));
    log = await openEmbeddedEventLog({ dir, pollIntervalMs: 5 });
    await log.ensureTopics(topicLayouts);
    const record = (topic: string, key: string, value: Uint8Array) => ({ topic, key, value });
    await log.append(
      glitches.map((glitch, n) => record(topics.triggers, idOf(n), Glitch.encode(glitch).finish())),
    );
    // A clusterer that has put each kind into a family of its own, three exemplars each.
    await log.append(
      glitches.map((_glitch, n) => {
        const familyId = Math.floor(n / perClass);
        const assignment = { glitchId: idOf(n), modelVersion: 1, familyId };
        const value = Assignment.encode(Assignment.fromPartial(assignment)).finish();
        return record(topics.assignments, idOf(n), value);
      }),
    );
    const families = classes.map((_, familyId) => ({
      familyId,
      exemplarGlitchIds: [1, 2, 3].map((i) => idOf(familyId * perClass + i)),
    }));
    const model = ModelActivated.fromPartial({ modelVersion: 1, families });
    await log.append([record(topics.models, 'model', ModelActivated.encode(model).finish())]);

    const logger = createLogger({ name: 'test', level: 'silent' });
    const context = { log, logger, registry: createRegistry(), clock: systemClock };
    const embedder = createEmbedderService(
      parseConfig(embedderConfigSchema, { grpcPort: 0 }, 'embedder'),
      context,
    );
    const gateway = createGatewayService(
      { httpPort: 0, grpcPort: 0 },
      { ...context, embedderAddress: () => embedder.grpcAddress },
    );
    stop = async () => {
      await gateway.stop();
      await embedder.stop();
    };
    await gateway.start();
    await embedder.start();
    await waitFor('the gateway has read the log', () => gateway.readiness().ready || undefined);
    ask = (n) => fetch(`${gateway.httpUrl}/v1/glitches/${idOf(n)}/explanation`);
  });

  afterAll(async () => {
    await stop();
    await log.close();
    await rm(dir, { recursive: true, force: true });
  });

  it.each(classes.map((className, familyId) => ({ className, familyId })))(
    'lies where the simulator put the energy: $className',
    async ({ familyId }) => {
      const n = familyId * perClass;
      const response = await ask(n);
      const answer = (await response.json()) as Answer;
      expect(response.status, JSON.stringify(answer)).toBe(200);
      expect(answer.familyId).toBe(familyId);
      expect(answer.references).toEqual([1, 2, 3].map((i) => idOf(n + i)));
      const tiles = tilesOf(answer);
      expect(tiles).toHaveLength(4 * 64);
      const [most] = tiles.sort((a, b) => b.importance - a.importance);
      expect(most?.importance).toBeGreaterThan(0.01);
      expect(overlaps(most!, simulated[n]!)).toBe(true);
      // By chance a tile would seldom lie there, and the weight of the others lies there too.
      const there = tiles.filter((tile) => overlaps(tile, simulated[n]!));
      const weight = (of: readonly Tile[]) =>
        of.reduce((sum, { importance }) => sum + Math.max(0, importance), 0);
      expect(there.length / tiles.length).toBeLessThan(0.4);
      expect(weight(there) / weight(tiles)).toBeGreaterThan((1.5 * there.length) / tiles.length);
    },
  );

  it('is asked of the embedder once', async () => {
    const begun = performance.now();
    await (await ask(0)).json();
    // From memory: 256 runs of the network would take a hundred times as long.
    expect(performance.now() - begun).toBeLessThan(250);
  });
});
