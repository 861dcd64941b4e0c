import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.js';

function capture(pretty = false) {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return { lines, logger: createLogger({ name: 'test', pretty, destination }) };
}

describe('createLogger', () => {
  it('writes level as a word, ISO time and the component', () => {
    const { lines, logger } = capture();
    logger.warn({ glitchId: 'ab' }, 'late');
    const entry = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    expect(entry).toMatchObject({ level: 'warn', name: 'test', glitchId: 'ab', msg: 'late' });
    expect(String(entry.time)).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  it.each(['password', 'secret', 'token', 'authorization', 'Authorization'])(
    'redacts %s at any depth',
    (key) => {
      const { lines, logger } = capture();
      logger.info({ [key]: 'hush', a: { headers: [{ [key]: 'hush' }] }, port: 5 }, 'x');
      expect(lines[0]).not.toContain('hush');
      expect(lines[0]).toContain('[redacted]');
      expect(lines[0]).toContain('"port":5');
    },
  );

  it('keeps the stack of an error and leaves the caller its object', () => {
    const { lines, logger } = capture();
    const fields = { token: 'hush', err: new Error('broken') };
    logger.error(fields, 'x');
    expect(lines[0]).toContain('logger.test');
    expect(fields.token).toBe('hush');
  });

  it('prints one readable line per event when pretty', () => {
    const { lines, logger } = capture(true);
    logger.info({ port: 8080 }, 'listening');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}info {3}test {2}listening {2}port=8080\n$/);
  });
});
