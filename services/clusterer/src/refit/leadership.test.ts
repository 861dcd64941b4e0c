import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Lease, openEmbeddedStateStore, type StateStore } from '@glitchwatch/state-store';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Leadership, type Term } from './leadership.js';

const TTL_MS = 300;
let dir: string;
let state: StateStore;
const stops: (() => Promise<void>)[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'glitchwatch-leadership-test-'));
  state = await openEmbeddedStateStore({ dir });
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await state.close();
  await rm(dir, { recursive: true, force: true });
});

interface Candidate {
  readonly leadership: Leadership<Term>;
  readonly errors: string[];
  readonly terms: AbortSignal[];
  readonly signal: AbortSignal;
  stop(): Promise<void>;
}

function stand(
  holder: string,
  {
    change = (lease) => lease,
    begin = async () => undefined,
  }: { change?: (lease: Lease) => Lease; begin?: () => Promise<void> } = {},
): Candidate {
  const stopping = new AbortController();
  const { signal } = stopping;
  const errors: string[] = [];
  const terms: AbortSignal[] = [];
  const leadership = new Leadership<Term>({
    leases: {
      acquire: async (...asked) => {
        const lease = await state.leases.acquire(...asked);
        return lease && change(lease);
      },
    },
    name: 'leader',
    holder,
    ttlMs: TTL_MS,
    begin: async (ending) => {
      await begin();
      terms.push(ending);
      return { stop: async () => undefined };
    },
    onChange: () => undefined,
    onError: (code) => errors.push(code),
  });
  const running = leadership.run(signal);
  const stop = async (): Promise<void> => {
    stopping.abort();
    await running;
  };
  stops.push(stop);
  return { leadership, errors, terms, signal, stop };
}

const leads = ({ leadership }: Candidate) =>
  vi.waitFor(() => expect(leadership.term).toBeDefined(), 10_000);

it('lets one lead, and the next one when it has stopped', async () => {
  const first = stand('first');
  await first.leadership.decided(first.signal);
  expect(first.leadership.term).toBeDefined();
  const second = stand('second');
  await second.leadership.decided(second.signal);
  expect(second.leadership.term).toBeUndefined();
  await expect(second.leadership.awaitTerm(second.signal)).rejects.toMatchObject({
    code: 'lease_taken',
  });
  await first.stop();
  expect(first.terms[0]?.aborted).toBe(true);
  await leads(second);
});

it('waits out a holder that died', async () => {
  await state.leases.acquire('leader', 'dead', TTL_MS);
  const next = stand('next');
  await next.leadership.decided(next.signal);
  expect(next.leadership.term).toBeUndefined();
  await leads(next);
});

it('steps down when the lease has gone to another', async () => {
  const only = stand('only', { change: (lease) => ({ ...lease, renew: async () => false }) });
  await leads(only);
  await vi.waitFor(() => expect(only.terms[0]?.aborted).toBe(true), 10_000);
});

it('steps down by its own clock where the store is away, before the lease has ended', async () => {
  const renew = async (): Promise<boolean> => {
    throw new Error('away');
  };
  const only = stand('only', { change: (lease) => ({ ...lease, renew }) });
  await leads(only);
  await vi.waitFor(() => expect(only.terms[0]?.aborted).toBe(true), 10_000);
  expect(only.errors).toContain('lease_renewal');
});

it('gives the lease back where a term cannot begin, and tries again', async () => {
  let isAway = true;
  const begin = async (): Promise<void> => {
    if (isAway) throw new Error('the log is away');
  };
  const only = stand('only', { begin });
  await vi.waitFor(() => expect(only.errors).toContain('lead_failed'), 10_000);
  isAway = false;
  await leads(only);
});
