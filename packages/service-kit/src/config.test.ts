import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseConfig } from './config.js';
import { ServiceError } from './errors.js';

const schema = z.object({
  http: z.object({ host: z.string().default('127.0.0.1'), port: z.number().int() }),
  token: z.string().min(8).optional(),
});

function failure(values: unknown): ServiceError {
  try {
    parseConfig(schema, values, 'ingest');
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
  throw new Error('expected parseConfig to throw');
}

describe('parseConfig', () => {
  it('fills defaults', () => {
    expect(parseConfig(schema, { http: { port: 1 } }, 'ingest')).toEqual({
      http: { host: '127.0.0.1', port: 1 },
    });
  });

  it('names the field, what was expected and what was found', () => {
    const error = failure({ http: { port: 'eighty' } });
    expect(error.code).toBe('bad_config');
    expect(error.message).toMatch(/ingest.*http\.port.*expected number.*found "eighty"/);
  });

  it('names a missing branch', () => {
    expect(failure({}).message).toMatch(/http: .*found nothing/);
  });

  it('reports every problem at once and never shows a secret', () => {
    const { message } = failure({ http: { port: 1.5 }, token: 'hunter2' });
    expect(message).toContain('http.port');
    expect(message).toContain('token');
    expect(message).not.toContain('hunter2');
  });
});
