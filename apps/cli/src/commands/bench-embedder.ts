import { Command, Option } from 'commander';
import { benchEmbedder, type EmbedderBenchResult } from '../bench/embedder-bench.js';
import { jsonOption, wholeNumber } from '../options.js';
import { printJson, printLine } from '../output.js';

interface Flags {
  readonly embedder: string;
  readonly glitches: number;
  readonly rounds: number;
  readonly resnet18?: string;
  readonly images?: string;
  readonly pictures: number;
  readonly seed: number;
  readonly json?: boolean;
}

function print(result: EmbedderBenchResult): void {
  const line = (name: string, rate: string, cpuMs: string, ratio = '') =>
    printLine(`${name.padEnd(52)}${rate.padStart(10)}${cpuMs.padStart(10)}  ${ratio}`);
  const { cpuMs } = result;
  printLine(result.machine);
  line('', 'glitches/s', 'CPU ms');
  line(
    `${result.embedder} from message grids, one worker`,
    result.perSec.toFixed(0),
    cpuMs.own.toFixed(2),
  );
  const { barePerSec, ratioToBare, resnet18PerSec, ratioToResnet18, pictures } = result;
  line(
    'onnxruntime alone, tensors made beforehand',
    barePerSec.toFixed(0),
    cpuMs.bare.toFixed(2),
    `${ratioToBare.toFixed(2)} of it`,
  );
  if (resnet18PerSec !== undefined && ratioToResnet18 !== undefined) {
    line(
      'resnet18-imagenet from message grids, one worker',
      resnet18PerSec.toFixed(2),
      (cpuMs.resnet18 ?? Number.NaN).toFixed(0),
      `${ratioToResnet18.toFixed(0)} times faster`,
    );
  }
  if (pictures === undefined) return;
  const { glitches, pictures: count, seconds, workers } = pictures;
  line(
    `from PNG files to embeddings, ${workers} cores`,
    (glitches / seconds).toFixed(1),
    ((1000 * pictures.cpuSec) / glitches).toFixed(1),
    `${(count / seconds).toFixed(0)} pictures/s, ${((1000 * pictures.cpuSec) / count).toFixed(1)} CPU ms each`,
  );
}

/** `bench embedder`. */
export function benchEmbedderCommand(signal: AbortSignal): Command {
  return new Command('embedder')
    .description('how fast the embedder is, beside onnxruntime alone and a ResNet-18')
    .addOption(
      new Option('--embedder <name>', 'bundled embedder in models/').default('glitchnet-v1'),
    )
    .addOption(
      new Option('-n, --glitches <n>', 'glitches in a round')
        .default(1000)
        .argParser(wholeNumber(10)),
    )
    .addOption(
      new Option('--rounds <n>', 'medians over so many').default(5).argParser(wholeNumber(1)),
    )
    .option('--resnet18 <path>', 'ONNX file of an ImageNet ResNet-18 with features')
    .option('--images <dir>', 'folder of Gravity Spy PNGs, read and embedded')
    .addOption(
      new Option('--pictures <n>', 'at least so many; a small folder is read again')
        .default(1500)
        .argParser(wholeNumber(1)),
    )
    .addOption(new Option('--seed <seed>').default(1).argParser(wholeNumber(0)))
    .addOption(jsonOption())
    .action(async ({ json, ...options }: Flags) => {
      const result = await benchEmbedder({ ...options, signal });
      if (json) printJson(result);
      else print(result);
    });
}
