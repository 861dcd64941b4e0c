import { availableParallelism } from 'node:os';
import { InvalidArgumentError, Option } from 'commander';

/** Parser of a whole number within limits, for commander options. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER) {
  return (text: string): number => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < min || value > max) {
      throw new InvalidArgumentError(`expected a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}

/** Parser of a finite number within limits. */
export function realNumber(min: number, max = Number.MAX_VALUE) {
  return (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value) || value < min || value > max) {
      throw new InvalidArgumentError(`expected a number from ${min} to ${max}.`);
    }
    return value;
  };
}

export const dataDirOption = () =>
  new Option('--data-dir <dir>', 'folder of the event log, models and state')
    .default('.glitchwatch/data')
    .env('GLITCHWATCH_DATA_DIR');

/** --kafka and --redis; without them everything is embedded in the data folder. */
export const serverOptions = () => [
  new Option(
    '--kafka <host:port,…>',
    'event log on Kafka instead (env: GLITCHWATCH_KAFKA_BROKERS; TLS and SASL by GLITCHWATCH_KAFKA_…)',
  ),
  new Option(
    '--redis <url>',
    'state on Redis instead, redis:// or rediss:// (env: GLITCHWATCH_REDIS_URL; user and password by GLITCHWATCH_REDIS_…)',
  ),
];

export const jsonOption = () => new Option('--json', 'print results as JSON');

export const modelOptions = () => [
  new Option('--embedder <name>', 'bundled embedder or preset in models/').default('glitchnet-v1'),
  new Option(
    '--model <path>',
    'folder of a model of your own (what finetune writes), or the ONNX file of a preset that brings none',
  ),
];

/** Of benches that need embeddings of simulated glitches: made once, then read. */
export const poolOptions = () => [
  new Option('--pool <dir>', 'folder that keeps the embeddings for the next run')
    .default('.glitchwatch/bench')
    .env('GLITCHWATCH_BENCH_POOL'),
  new Option('--threads <n>', 'threads that simulate, and as many that embed')
    .default(availableParallelism(), 'the cores')
    .argParser(wholeNumber(1, 64)),
];

export const deviceOption = () =>
  new Option(
    '--device <device>',
    'where the network runs; where CUDA is not to be had it says so and takes the CPU',
  )
    .choices(['cpu', 'cuda'])
    .default('cpu')
    .env('GLITCHWATCH_EMBEDDER_DEVICE');

export const logLevelOption = () =>
  new Option('--log-level <level>', 'what is logged to stderr')
    .choices(['error', 'warn', 'info', 'debug'])
    .default('warn')
    .env('GLITCHWATCH_LOG_LEVEL');
