import { Trigger } from '@glitchwatch/proto';
import { describe, expect, it } from 'vitest';
import { summarizeFamily } from './family-summary.js';

const DAY_MS = 86_400_000;
/** 2023-12-25 19:54:54 UTC. */
const PEAK_GPS_NS = 1_387_569_312_000_000_000n;
const peakMs = Date.parse('2023-12-25T19:54:54Z');

describe('summarizeFamily', () => {
  it('goes by when members happened, however late they came; by ingest where none says', () => {
    const facts = [
      {
        trigger: Trigger.fromPartial({ peakGpsNs: PEAK_GPS_NS }),
        ingestedAtMs: peakMs + 5 * DAY_MS,
      },
      { trigger: Trigger.fromPartial({}), ingestedAtMs: peakMs + DAY_MS },
    ];
    const family = summarizeFamily(
      { familyId: 3, persistence: 0.5, mapX: 0, mapY: 0, memberRows: [0, 1], exemplarRows: [0] },
      {
        glitchIds: ['a', 'b'],
        firstModelVersion: 1,
        factsOf: (glitchId) => facts[glitchId === 'a' ? 0 : 1],
      },
    );
    expect(Number(family.firstSeenMs)).toBe(peakMs);
    expect(Number(family.lastSeenMs)).toBe(peakMs + DAY_MS);
    expect(family.name).toBe('Family 3');
  });
});
