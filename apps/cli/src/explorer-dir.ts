import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Where the built explorer lies. */
export function explorerDir(): string {
  const require = createRequire(import.meta.url);
  return join(dirname(require.resolve('@glitchwatch/explorer/package.json')), 'dist');
}
