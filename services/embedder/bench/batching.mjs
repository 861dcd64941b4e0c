// What running each glitch alone costs, against free batches of the same network.
//
//   node services/embedder/bench/batching.mjs [modelDir [modelPath]]
//
// Prints, for one thread: glitches/s of the runtime alone at each batch size with
// how many rows differ in bits from batch size 1, then of the whole embedder
// (decoding, worker, batches). Needs `npm run build` first.
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { Glitch, GridEncoding, glitchIdOf } from '@glitchwatch/proto';
import { encodeGrid } from '@glitchwatch/spectrogram';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { bundledModelDir, createEmbedder, readModelDescription } from '../dist/index.js';

const SIZE = 128;
const SECONDS = 3;
const modelDir = process.argv[2] ?? bundledModelDir();
const description = await readModelDescription(modelDir);
const modelPath = process.argv[3] ?? `${modelDir}/${description.file}`;
const say = (line) => process.stdout.write(`${line}\n`);

let state = 1;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};

/** Exponential noise with one blob: compresses about as a real grid does. */
function grid() {
  const [y0, x0, width] = [random() * SIZE, random() * SIZE, 3 + random() * 20];
  return Uint8Array.from({ length: SIZE * SIZE }, (_, i) => {
    const [dy, dx] = [Math.floor(i / SIZE) - y0, (i % SIZE) - x0];
    const blob = 220 * Math.exp(-(dy * dy + dx * dx) / (2 * width * width));
    return Math.min(255, Math.round(blob - 6 * Math.log(1 - random())));
  });
}

/** Tensors of `n` glitches (message-grids) or pictures (rgb-image). */
function feedsOf(rows) {
  const { input } = description;
  const n = rows.length;
  if (input.layout === 'rgb-image') {
    const dims = [n, 3, input.heightPx, input.widthPx];
    const data = new Float32Array(dims.reduce((a, b) => a * b));
    const pixels = data.length / n;
    rows.forEach((row, r) => {
      for (let i = 0; i < pixels; i++) data[r * pixels + i] = row[(i * 7919) % row.length] / 128;
    });
    return { [input.imageTensor]: new Tensor('float32', data, dims) };
  }
  const windows = description.windowsSec.length;
  const { gridType } = input;
  const data = new (gridType === 'uint8' ? Uint8Array : Float32Array)(n * rows[0].length);
  rows.forEach((row, i) => {
    data.set(
      row.map((v) => v / description.normalisation.divideBy),
      i * row.length,
    );
  });
  return {
    [input.gridTensor]: new Tensor(gridType, data, [n, windows, SIZE, SIZE]),
    [input.maskTensor]: new Tensor('float32', new Float32Array(n * windows).fill(1), [n, windows]),
  };
}

/** Items per second of wall time, and CPU milliseconds of all threads per item. */
async function timed(run, count) {
  await run();
  const begun = performance.now();
  const cpu = process.cpuUsage();
  let done = 0;
  do {
    await run();
    done += count;
  } while (performance.now() - begun < SECONDS * 1000);
  const { user, system } = process.cpuUsage(cpu);
  const rate = (done * 1000) / (performance.now() - begun);
  return { rate: rate.toFixed(1), cpuMs: ((user + system) / 1000 / done).toFixed(3) };
}

say(`${cpus()[0]?.model.trim()}, node ${process.version}, model ${description.name}`);
const session = await InferenceSession.create(readFileSync(modelPath), {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
});
const output = description.output.name;
const rows = Array.from({ length: 32 }, () => {
  const row = new Float32Array(4 * SIZE * SIZE);
  for (let w = 0; w < 4; w++) row.set(grid(), w * SIZE * SIZE);
  return row;
});
const bits = ({ data }, i, n) => {
  const width = data.length / n;
  return Buffer.from(data.slice(i * width, (i + 1) * width).buffer).toString('hex');
};
const alone = [];
for (const row of rows) alone.push(bits((await session.run(feedsOf([row])))[output], 0, 1));
for (const n of [1, 2, 4, 8, 16, 32]) {
  const feeds = feedsOf(rows.slice(0, n));
  const result = (await session.run(feeds))[output];
  const differing = alone.slice(0, n).filter((hex, i) => hex !== bits(result, i, n)).length;
  const { rate, cpuMs } = await timed(() => session.run(feeds), n);
  say(
    `runtime, batch ${String(n).padStart(2)}: ${rate} rows/s, ${cpuMs} CPU ms per row, ${differing} of ${n} rows differ from batch 1`,
  );
}

const glitches = Array.from({ length: 256 }, (_, g) =>
  Glitch.fromPartial({
    trigger: { glitchId: glitchIdOf({ ifo: 'H1', channel: '', externalId: String(g) }), ifo: 'H1' },
    windows: description.windowsSec.map((windowSec) => ({
      windowSec,
      nFrequency: SIZE,
      nTime: SIZE,
      encoding: GridEncoding.GRID_ENCODING_DELTA_DEFLATE,
      data: encodeGrid({ nFrequency: SIZE, nTime: SIZE, data: grid() }),
    })),
  }),
);
const bytes = glitches.reduce(
  (sum, g) => sum + g.windows.reduce((a, w) => a + w.data.length, 0),
  0,
);
say(`${(bytes / glitches.length / 1024).toFixed(1)} KiB of encoded windows per glitch`);
for (const threads of [1, 2]) {
  const total = { decode: 0, inference: 0, glitches: 0 };
  const embedder = await createEmbedder({
    modelDir,
    modelPath,
    threads,
    events: {
      onGlitchTimes({ decodeSec, inferenceSec }) {
        total.decode += decodeSec;
        total.inference += inferenceSec;
        total.glitches++;
      },
    },
  });
  const some = description.fuse === 'mean' ? glitches.slice(0, 16) : glitches;
  const { rate, cpuMs } = await timed(() => embedder.embed(some), some.length);
  const ms = (sum) => ((sum * 1000) / total.glitches).toFixed(2);
  say(
    `embedder, ${threads} worker(s): ${rate} glitches/s, ${cpuMs} CPU ms per glitch ` +
      `(decode ${ms(total.decode)} ms, inference ${ms(total.inference)} ms per glitch)`,
  );
  await embedder.close();
}
