// Writes simulated glitches for train.py:
//   node training/write-dataset.mjs OUT_DIR [--glitches 16080] [--seed 1] [--workers 2]
// OUT_DIR/grids.npy   uint8 [n, 4, 128, 64], message grids with time halved
// OUT_DIR/labels.npy  uint8 [n], index into classes.json
// Shards of 240 glitches have a seed of their own, so the bytes do not depend
// on the number of workers.
import { closeSync, mkdirSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { createSimulator, simulatorClasses } from '@glitchwatch/simulator';

const SHARD = 240;
const N_FREQUENCY = 128;
const N_TIME = 64;
const GLITCH_BYTES = 4 * N_FREQUENCY * N_TIME;

/** Header of a version 1.0 .npy file of unsigned bytes, padded to 128 bytes. */
function npyHeader(shape) {
  const header = Buffer.alloc(128, ' ');
  header.write('\x93NUMPY\x01\x00', 0, 'latin1');
  header.writeUInt16LE(118, 8);
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  header.write(`{'descr': '|u1', 'fortran_order': False, 'shape': (${dims}), }`, 10);
  header.write('\n', 127);
  return header;
}

/** Means of neighbouring pairs along time. */
function halveTime(data, out, at) {
  for (let i = 0; i < data.length / 2; i++) {
    out[at + i] = (data[2 * i] + data[2 * i + 1] + 1) >> 1;
  }
}

function writeShard(file, shard, count, seed) {
  const simulator = createSimulator({ seed: seed * 1_000_003 + shard });
  const bytes = Buffer.alloc(count * GLITCH_BYTES);
  for (let i = 0; i < count; i++) {
    const className = simulatorClasses[(shard * SHARD + i) % simulatorClasses.length];
    const { grids } = simulator.next({ className });
    grids.forEach(({ grid }, w) => {
      halveTime(grid.data, bytes, i * GLITCH_BYTES + w * N_FREQUENCY * N_TIME);
    });
  }
  writeSync(file, bytes, 0, bytes.length, 128 + shard * SHARD * GLITCH_BYTES);
}

function work({ out, total, seed, first, step }) {
  const file = openSync(join(out, 'grids.npy'), 'r+');
  for (let shard = first; shard * SHARD < total; shard += step) {
    writeShard(file, shard, Math.min(SHARD, total - shard * SHARD), seed);
    parentPort.postMessage(shard);
  }
  closeSync(file);
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      glitches: { type: 'string', default: '16080' },
      seed: { type: 'string', default: '1' },
      workers: { type: 'string', default: '2' },
    },
  });
  const out = positionals[0];
  if (out === undefined) {
    process.stderr.write('usage: node training/write-dataset.mjs OUT_DIR [--glitches N]\n');
    process.exit(2);
  }
  const total = Number(values.glitches);
  const workers = Number(values.workers);
  mkdirSync(out, { recursive: true });
  const path = join(out, 'grids.npy');
  writeFileSync(path, npyHeader([total, 4, N_FREQUENCY, N_TIME]));
  truncateSync(path, 128 + total * GLITCH_BYTES);
  const labels = Uint8Array.from({ length: total }, (_, i) => i % simulatorClasses.length);
  writeFileSync(join(out, 'labels.npy'), Buffer.concat([npyHeader([total]), labels]));
  writeFileSync(join(out, 'classes.json'), `${JSON.stringify(simulatorClasses, null, 1)}\n`);

  const started = Date.now();
  let done = 0;
  await Promise.all(
    Array.from(
      { length: workers },
      (_, first) =>
        new Promise((resolve, reject) => {
          const worker = new Worker(new URL(import.meta.url), {
            workerData: { out, total, seed: Number(values.seed), first, step: workers },
          });
          worker.on('message', () => {
            done += SHARD;
            const seconds = ((Date.now() - started) / 1000).toFixed(0);
            process.stderr.write(`\r${Math.min(done, total)} of ${total}, ${seconds} s`);
          });
          worker.on('error', reject);
          worker.on('exit', resolve);
        }),
    ),
  );
  process.stderr.write('\n');
}

if (isMainThread) {
  await main();
} else {
  work(workerData);
}
