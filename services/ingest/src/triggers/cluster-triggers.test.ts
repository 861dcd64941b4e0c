import { Trigger } from '@glitchwatch/proto';
import { describe, expect, it } from 'vitest';
import { clusterTriggers } from './cluster-triggers.js';

const trigger = (ms: number, snr: number, ifo = 'H1'): Trigger =>
  Trigger.fromPartial({ ifo, peakGpsNs: BigInt(ms) * 1_000_000n, snr });

const told = (triggers: readonly Trigger[]) =>
  triggers.map(({ peakGpsNs = 0n, snr, extra }) => [
    Number(peakGpsNs / 1_000_000n),
    snr,
    extra.cluster_size ?? '1',
  ]);

describe('clusterTriggers', () => {
  it('keeps the loudest of a chain, however long, and of two as loud the first', () => {
    const chain = [0, 90, 180, 270].map((ms, i) => trigger(ms, [5, 9, 9, 6][i]!));
    expect(told(clusterTriggers([...chain, trigger(371, 7)].reverse(), 0.1))).toEqual([
      [90, 9, '4'],
      [371, 7, '1'],
    ]);
  });

  it('takes a gap as wide as the window as none, and detectors apart', () => {
    const mixed = [trigger(0, 5), trigger(100, 6), trigger(50, 8, 'L1')];
    expect(told(clusterTriggers(mixed, 0.1))).toEqual([
      [50, 8, '1'],
      [100, 6, '2'],
    ]);
  });
});
