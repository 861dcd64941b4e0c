import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedEventLog } from '@glitchwatch/event-log';
import { createRng } from '@glitchwatch/numerics';
import {
  Assignment,
  type Glitch,
  IngestServiceClient,
  SubmitTriggersRequest,
  type SubmitTriggersResponse,
  topics,
} from '@glitchwatch/proto';
import { credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CliProcess } from '../fixtures/cli-process.js';
import { manyGlitches } from '../fixtures/many-glitches.js';
import {
  killHard,
  pickPorts,
  type StartPorts,
  startGlitchwatch,
  statusOf,
  stopGently,
} from '../fixtures/start-process.js';
import { waitFor } from '../fixtures/wait-for.js';

const total = 2_000;
const perStream = 20;
const flags = ['--min-fit', '200', '--refit-every-count', '500'];

let dataDir: string;
let ports: StartPorts;
let current: CliProcess;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'glitchwatch-crash-'));
  ports = await pickPorts();
});
afterAll(async () => {
  await killHard(current);
  await rm(dataDir, { recursive: true, force: true });
});

/** One client stream; rejects when the service dies under it. */
function submit(client: IngestServiceClient, glitches: readonly Glitch[]) {
  return new Promise<SubmitTriggersResponse>((resolve, reject) => {
    const stream = client.submitTriggers((error, response) => {
      if (error) reject(error);
      else resolve(response);
    });
    for (const { trigger, windows } of glitches) {
      stream.write(
        SubmitTriggersRequest.fromPartial({ ...(trigger ? { trigger } : {}), grids: windows }),
      );
    }
    stream.end();
  });
}

/** Hands in a part until it is acknowledged, however often the service dies meanwhile. */
async function submitUntilAcknowledged(glitches: readonly Glitch[], accepted: Set<string>) {
  const response = await waitFor(
    'an acknowledgement',
    async () => {
      const client = new IngestServiceClient(
        `127.0.0.1:${ports.ingestGrpc}`,
        credentials.createInsecure(),
      );
      try {
        return await submit(client, glitches);
      } finally {
        client.close();
      }
    },
    { deadlineMs: 120_000 },
  );
  expect(response.rejected).toEqual([]);
  expect(Number(response.accepted + response.duplicates)).toBe(glitches.length);
  for (const glitchId of response.glitchIds) accepted.add(glitchId);
}

/** How often each (glitch, model version) stands in the log. */
async function countAssignments(): Promise<{ pairs: Map<string, number>; newest: number }> {
  const log = await openEmbeddedEventLog({ dir: join(dataDir, 'log') });
  const pairs = new Map<string, number>();
  let newest = 0;
  const { signal } = new AbortController();
  const options = { topic: topics.assignments, from: 'earliest', signal, stopAtEnd: true } as const;
  for await (const { records } of log.tail(options)) {
    for (const { value } of records) {
      const { glitchId, modelVersion } = Assignment.decode(value);
      const pair = `${glitchId}/${modelVersion}`;
      pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
      newest = Math.max(newest, modelVersion);
    }
  }
  await log.close();
  return { pairs, newest };
}

describe('kill -9 of start in the middle of an ingest', () => {
  it('loses no accepted glitch and assigns none twice', { timeout: 420_000 }, async () => {
    const glitches = manyGlitches(total);
    const accepted = new Set<string>();
    const rng = createRng(Number(process.env.GLITCHWATCH_TEST_SEED ?? 20_150_914));
    const deaths = [0.15, 0.45, 0.75].map((share) => total * (share + 0.2 * rng.nextFloat()));
    current = await startGlitchwatch(dataDir, ports, flags);

    let sent = 0;
    const feed = (async () => {
      for (let first = 0; first < total; first += perStream) {
        await submitUntilAcknowledged(glitches.slice(first, first + perStream), accepted);
        sent = first + perStream;
      }
    })();
    for (const death of deaths) {
      await waitFor('the moment to die', () => (sent >= death ? true : undefined), {
        deadlineMs: 180_000,
        everyMs: 1 + Math.floor(20 * rng.nextFloat()),
      });
      await killHard(current);
      current = await startGlitchwatch(dataDir, ports, flags);
    }
    await feed;
    expect(accepted.size).toBe(total);

    await waitFor(
      'every glitch to be assigned',
      async () => {
        const { nAssigned, nWaiting } = await statusOf(ports);
        return nAssigned === total && nWaiting === 0 ? true : undefined;
      },
      { deadlineMs: 120_000 },
    );
    expect(await stopGently(current)).toBe(0);

    const { pairs, newest } = await countAssignments();
    const doubles = [...pairs].filter(([, count]) => count !== 1);
    expect(doubles).toEqual([]);
    const lost = [...accepted].filter((glitchId) => !pairs.has(`${glitchId}/${newest}`));
    expect(lost).toEqual([]);
    expect([...pairs.keys()].filter((pair) => pair.endsWith(`/${newest}`))).toHaveLength(total);
  });
});
