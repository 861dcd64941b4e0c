// Generates proto/gen from proto/glitchwatch: TypeScript by ts-proto, and the
// descriptor image that gRPC reflection serves.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const buf = join(root, 'node_modules', '.bin', 'buf');

function run(args) {
  const { status, error } = spawnSync(buf, args, { cwd: root, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

rmSync(join(root, 'proto/gen'), { recursive: true, force: true });
mkdirSync(join(root, 'proto/gen'), { recursive: true });
run(['generate']);
run(['build', '--as-file-descriptor-set', '-o', 'proto/gen/glitchwatch.binpb']);
