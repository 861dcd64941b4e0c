// Builds everything that runs: generated protobuf code, kernels, TypeScript, the explorer.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

function run(command, args, cwd = root) {
  const { status, error } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

const bin = (name) => join(root, 'node_modules/.bin', name);
run(process.execPath, [join(root, 'scripts/generate.mjs')]);
run(process.execPath, [join(root, 'scripts/kernels.mjs')]);
run(bin('tsc'), ['--build']);
if (existsSync(join(root, 'apps/explorer/index.html'))) {
  run(bin('tsc'), ['--noEmit', '-p', join(root, 'apps/explorer')]);
  run(bin('vite'), ['build', '--logLevel', 'warn'], join(root, 'apps/explorer'));
}
