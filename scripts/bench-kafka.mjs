// Starts a real Kafka from its published jars, as the tests do, runs
// `glitchwatch bench pipeline --log kafka` on it with the arguments given, and
// stops it. Wants Java 17, and Maven with a way to the jars the first time.
//
//   npm run bench:kafka -- --glitches 1000 --burst 0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { module } = await runnerImport(join(root, 'test/brokers/local-kafka.ts'), {
  root,
  configFile: false,
  logLevel: 'warn',
});
const kafka = await module.startLocalKafka();
const args = ['bench', 'pipeline', '--log', 'kafka', '--kafka', kafka.brokers.join(',')];
const bin = join(root, 'apps/cli/bin/glitchwatch.js');
const child = spawn(process.execPath, [bin, ...args, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
// Ctrl-C reaches the child as well: it ends in peace, and then the broker does.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
try {
  const [code] = await once(child, 'exit');
  process.exitCode = code ?? 1;
} finally {
  await kafka.stop();
}
