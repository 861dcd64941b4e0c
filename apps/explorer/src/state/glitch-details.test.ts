import { describe, expect, it, vi } from 'vitest';
import { fakeGateway } from './fake-gateway.js';
import { GlitchDetails } from './glitch-details.js';

describe('GlitchDetails', () => {
  it('asks once per glitch', async () => {
    const gateway = fakeGateway();
    const details = new GlitchDetails(gateway);
    const first = details.of('a');
    expect(first.value.kind).toBe('loading');
    expect(details.of('a')).toBe(first);
    await vi.waitFor(() => expect(first.value.kind).toBe('missing'));
    expect(gateway.asked.glitch).toBe(1);
  });

  it('asks again after a failure, and forgets after a refit', async () => {
    const gateway = fakeGateway();
    gateway.answers.glitch = () => Promise.reject(new Error('away'));
    const details = new GlitchDetails(gateway);
    const detail = details.of('a');
    await vi.waitFor(() => expect(detail.value.kind).toBe('failed'));
    gateway.answers.glitch = () => Promise.resolve(undefined);
    details.of('a');
    await vi.waitFor(() => expect(detail.value.kind).toBe('missing'));
    details.forget();
    details.of('a');
    expect(gateway.asked.glitch).toBe(3);
  });
});
