import { Trigger } from '@glitchwatch/proto';
import { describe, expect, it } from 'vitest';
import { createWaitingTriggers } from './waiting-triggers.js';

const trigger = (externalId: string) => Trigger.fromPartial({ externalId });
const ids = (triggers: readonly Trigger[]) => triggers.map(({ externalId }) => externalId);

describe('createWaitingTriggers', () => {
  it('is bounded in number and in time', () => {
    const crowdedOut: string[] = [];
    const waiting = createWaitingTriggers({
      maxCount: 2,
      maxWaitMs: 100,
      onCrowdedOut: ({ externalId }) => crowdedOut.push(externalId),
    });
    waiting.add(trigger('a'), 0);
    waiting.add(trigger('b'), 50);
    waiting.add(trigger('c'), 60);
    expect(crowdedOut).toEqual(['a']);
    expect(ids(waiting.expire(149))).toEqual([]);
    expect(ids(waiting.expire(150))).toEqual(['b']);
    expect(waiting.size).toBe(1);
    expect(ids(waiting.take(({ externalId }) => externalId === 'x'))).toEqual([]);
    expect(ids(waiting.take(({ externalId }) => externalId === 'c'))).toEqual(['c']);
    waiting.add(trigger('d'), 200);
    expect(ids(waiting.drain())).toEqual(['d']);
    expect(waiting.size).toBe(0);
  });
});
