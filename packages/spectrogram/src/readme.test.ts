import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { burstGrid } from '../test/pictures.js';
import * as spectrogram from './index.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

test('the example of the README runs as it is written', async () => {
  const { renderPng } = spectrogram;
  const bytes = await renderPng(burstGrid(128, 128), { windowSec: 0.5 });
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const body = example.replace(
    /import \{([^}]*)\} from '@glitchwatch\/spectrogram';/,
    'const {$1} = spectrogram;',
  );
  expect(body).toContain('= spectrogram;');
  const AsyncFunction = (async () => undefined).constructor as new (
    ...parts: string[]
  ) => (module: typeof spectrogram, bytes: Uint8Array) => Promise<Record<string, unknown>>;
  const run = new AsyncFunction(
    'spectrogram',
    'bytes',
    `${body}; return { glitches, picture, grid, code, figure, thumbnail };`,
  );
  const result = await run(spectrogram, bytes);
  expect(result.glitches).toHaveLength(1);
  expect(result.picture).toMatchObject({ layout: 'full-figure' });
  expect(result.grid).toMatchObject({ nFrequency: 128, nTime: 128 });
  expect(spectrogram.decodeGrid(result.code as Uint8Array, 128, 128)).toMatchObject({ nTime: 128 });
});

test('the README names every error code', () => {
  const source = readFileSync(new URL('./errors.ts', import.meta.url), 'utf8');
  const codes = [...source.matchAll(/\| '(\w+)'/g)].map((match) => match[1]!);
  expect(codes.length).toBeGreaterThan(5);
  for (const code of codes) expect(readme).toContain(`\`${code}\``);
});
