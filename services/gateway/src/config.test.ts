import { parseConfig } from '@glitchwatch/service-kit';
import { expect, test } from 'vitest';
import { environmentNameOf, gatewayConfigFromEnvironment, gatewayConfigSchema } from './config.js';

test('every setting has a name of its own in the environment', () => {
  const names = Object.keys(gatewayConfigSchema.shape).map(environmentNameOf);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toContain('GLITCHWATCH_HTTP_PORT');
  expect(names).toContain('GLITCHWATCH_GATEWAY_SUBSCRIBER_BUFFER_EVENTS');
});

test('numbers are read, texts kept, what is empty is left to the defaults', () => {
  const values = gatewayConfigFromEnvironment({
    GLITCHWATCH_HOST: '10',
    GLITCHWATCH_HTTP_PORT: '0',
    GLITCHWATCH_GATEWAY_PING_MS: '250',
    GLITCHWATCH_GATEWAY_MAX_ALERTS: '',
  });
  expect(values).toEqual({ host: '10', httpPort: 0, pingMs: 250 });
  expect(parseConfig(gatewayConfigSchema, values, 'gateway')).toMatchObject({
    pingMs: 250,
    maxAlerts: 1_000,
  });
});

test('what is no number is shown in the error', () => {
  const values = gatewayConfigFromEnvironment({ GLITCHWATCH_GATEWAY_CURSOR_INTERVAL_MS: '1s' });
  expect(() => parseConfig(gatewayConfigSchema, values, 'gateway')).toThrow(
    /cursorIntervalMs: .*found "1s"/,
  );
});
