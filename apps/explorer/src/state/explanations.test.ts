import { describe, expect, it, vi } from 'vitest';
import { Explanations } from './explanations.js';
import { fakeGateway } from './fake-gateway.js';

describe('Explanations', () => {
  it('asks once, and again for what was refused when somebody wants it anew', async () => {
    const gateway = fakeGateway();
    gateway.answers.explanation = async () => ({ kind: 'refused', reason: 'wait a second' });
    const explanations = new Explanations(gateway);
    const first = explanations.of('a');
    expect(first.value.kind).toBe('loading');
    await vi.waitFor(() =>
      expect(first.value).toEqual({ kind: 'refused', reason: 'wait a second' }),
    );
    expect(explanations.of('a')).toBe(first);
    expect(gateway.asked.explanation).toBe(1);
    explanations.retry('a');
    explanations.of('a');
    expect(gateway.asked.explanation).toBe(2);
  });

  it('says when the gateway did not answer', async () => {
    const gateway = fakeGateway();
    gateway.answers.explanation = () => Promise.reject(new Error('away'));
    const explained = new Explanations(gateway).of('a');
    await vi.waitFor(() => expect(explained.value.kind).toBe('failed'));
  });
});
