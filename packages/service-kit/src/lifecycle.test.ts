import { describe, expect, it } from 'vitest';
import { runServices, type Service } from './lifecycle.js';
import { createLogger } from './logger.js';

const logger = createLogger({ name: 'test', level: 'silent' });

function recorder() {
  const events: string[] = [];
  const service = (name: string, over: Partial<Service> = {}): Service => ({
    name,
    start: async () => void events.push(`start ${name}`),
    stop: async () => void events.push(`stop ${name}`),
    readiness: () => ({ ready: true, detail: 'ok' }),
    ...over,
  });
  return { events, service };
}

describe('runServices', () => {
  it('starts in order, stops in reverse when the signal aborts, and returns 0', async () => {
    const { events, service } = recorder();
    const stop = new AbortController();
    const last = service('c', {
      start: async () => {
        events.push('start c');
        stop.abort();
      },
    });
    const code = await runServices([service('a'), service('b'), last], {
      logger,
      signal: stop.signal,
    });
    expect(code).toBe(0);
    expect(events).toEqual(['start a', 'start b', 'start c', 'stop c', 'stop b', 'stop a']);
  });

  it('stops on SIGTERM and takes its handlers back', async () => {
    const before = process.listenerCount('SIGTERM');
    const { events, service } = recorder();
    const running = runServices(
      [service('a', { start: async () => void process.emit('SIGTERM', 'SIGTERM') })],
      { logger },
    );
    expect(await running).toBe(0);
    expect(events).toEqual(['stop a']);
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });

  it('returns 1 when a start fails, having stopped what ran', async () => {
    const { events, service } = recorder();
    const bad = service('bad', { start: () => Promise.reject(new Error('no')) });
    expect(await runServices([service('a'), bad, service('c')], { logger })).toBe(1);
    expect(events).toEqual(['start a', 'stop bad', 'stop a']);
  });

  it('goes on with the others when one fails to stop or hangs', async () => {
    const { events, service } = recorder();
    const code = await runServices(
      [
        service('a'),
        service('throws', { stop: () => Promise.reject(new Error('no')) }),
        service('hangs', { stop: () => new Promise(() => undefined) }),
      ],
      { logger, signal: AbortSignal.timeout(5), stopTimeoutMs: 20 },
    );
    expect(code).toBe(1);
    expect(events.at(-1)).toBe('stop a');
  });

  it('a second signal ends the waiting', async () => {
    const { service } = recorder();
    const stubborn = service('stubborn', {
      start: async () => void process.emit('SIGINT', 'SIGINT'),
      stop: () => {
        process.emit('SIGINT', 'SIGINT');
        return new Promise(() => undefined);
      },
    });
    expect(await runServices([stubborn], { logger, stopTimeoutMs: 60_000 })).toBe(1);
  });
});
