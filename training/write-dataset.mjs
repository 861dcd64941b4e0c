// Writes simulated glitches for train.py:
//   node training/write-dataset.mjs OUT_DIR [--glitches 48000] [--seed 1] [--workers 2]
//     [--invented 96] [--first-invented 0] [--overlaps 0.08] [--widen 0.1]
// OUT_DIR/grids.npy   uint8 [n, 4, 128, 64], message grids with time halved
// OUT_DIR/labels.npy  uint8 [n], index into classes.json
// Of three glitches two are of the named classes in turn, the third of the
// invented families. A glitch depends on the seed and its number alone, so the
// bytes do not depend on the number of workers.
import { closeSync, mkdirSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { createRng } from '@glitchwatch/numerics';
import { createSimulator, simulatorClasses } from '@glitchwatch/simulator';

const SHARD = 120;
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

/** Class of the i-th glitch, an index into `classesOf`. */
function labelOf(i, invented) {
  const named = simulatorClasses.length;
  if (invented === 0) return i % named;
  return i % 3 === 2
    ? named + (Math.floor(i / 3) % invented)
    : (Math.floor(i / 3) * 2 + (i % 3)) % named;
}

function classesOf({ invented, firstInvented }) {
  const names = Array.from({ length: invented }, (_, k) => `Invented_${firstInvented + k}`);
  return [...simulatorClasses, ...names];
}

function writeShard(file, shard, { simulator, classes, options }) {
  const first = shard * SHARD;
  const count = Math.min(SHARD, options.total - first);
  const bytes = Buffer.alloc(count * GLITCH_BYTES);
  for (let i = 0; i < count; i++) {
    const n = first + i;
    const rng = createRng(options.seed * 4_000_037 + n);
    const overlap =
      rng.nextFloat() < options.overlaps
        ? {
            className: simulatorClasses[rng.nextInt(simulatorClasses.length)],
            offsetSec: 3 * rng.nextFloat() - 1.5,
            weight: 0.1 + 0.4 * rng.nextFloat(),
          }
        : undefined;
    const className = classes[labelOf(n, options.invented)];
    const { grids } = simulator.at(n, { className, ...(overlap ? { overlap } : {}) });
    grids.forEach(({ grid }, w) => {
      halveTime(grid.data, bytes, i * GLITCH_BYTES + w * N_FREQUENCY * N_TIME);
    });
  }
  writeSync(file, bytes, 0, bytes.length, 128 + first * GLITCH_BYTES);
}

function work({ first, step, ...options }) {
  const file = openSync(join(options.out, 'grids.npy'), 'r+');
  const simulator = createSimulator({
    seed: options.seed,
    widen: options.widen,
    scans: 'varied',
  });
  const classes = classesOf(options);
  for (let shard = first; shard * SHARD < options.total; shard += step) {
    writeShard(file, shard, { simulator, classes, options });
    parentPort.postMessage(shard);
  }
  closeSync(file);
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      glitches: { type: 'string', default: '48000' },
      seed: { type: 'string', default: '1' },
      workers: { type: 'string', default: '2' },
      invented: { type: 'string', default: '96' },
      'first-invented': { type: 'string', default: '0' },
      overlaps: { type: 'string', default: '0.08' },
      widen: { type: 'string', default: '0.1' },
    },
  });
  const out = positionals[0];
  if (out === undefined) {
    process.stderr.write('usage: node training/write-dataset.mjs OUT_DIR [--glitches N]\n');
    process.exit(2);
  }
  const options = {
    out,
    total: Number(values.glitches),
    seed: Number(values.seed),
    invented: Number(values.invented),
    firstInvented: Number(values['first-invented']),
    overlaps: Number(values.overlaps),
    widen: Number(values.widen),
  };
  const { total } = options;
  const classes = classesOf(options);
  if (classes.length > 256)
    throw new RangeError(`classes: expected at most 256, found ${classes.length}`);
  const workers = Number(values.workers);
  mkdirSync(out, { recursive: true });
  const path = join(out, 'grids.npy');
  writeFileSync(path, npyHeader([total, 4, N_FREQUENCY, N_TIME]));
  truncateSync(path, 128 + total * GLITCH_BYTES);
  const labels = Uint8Array.from({ length: total }, (_, i) => labelOf(i, options.invented));
  writeFileSync(join(out, 'labels.npy'), Buffer.concat([npyHeader([total]), labels]));
  writeFileSync(join(out, 'classes.json'), `${JSON.stringify(classes, null, 1)}\n`);

  const started = Date.now();
  let done = 0;
  await Promise.all(
    Array.from(
      { length: workers },
      (_, first) =>
        new Promise((resolve, reject) => {
          const worker = new Worker(new URL(import.meta.url), {
            workerData: { ...options, first, step: workers },
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
