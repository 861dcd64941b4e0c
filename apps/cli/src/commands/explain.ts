import { writeFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { CliError } from '../errors.js';
import { type ExplainedGlitch, mostImportant } from '../explain/explained-glitch.js';
import { explanationSheet } from '../explain/explanation-sheet.js';
import { explainFromGateway } from '../explain/from-gateway.js';
import { explainFromPictures } from '../explain/from-pictures.js';
import type { ModelFlags } from '../model-location.js';
import { jsonOption, logLevelOption, modelOptions, wholeNumber } from '../options.js';
import { printJson, printLine } from '../output.js';

interface ExplainFlags extends ModelFlags {
  readonly gateway: string;
  readonly images?: string;
  readonly metadata?: string;
  readonly neighbours: number;
  readonly threads: number;
  readonly out?: string;
  readonly json?: boolean;
  readonly logLevel: string;
}

const SHOWN_TILES = 5;

function print({ explanation, heldAgainst, references }: ExplainedGlitch): void {
  const similarity = explanation.similarity.toFixed(3);
  printLine(`similarity ${similarity} to ${heldAgainst} (${references.join(', ')})`);
  printLine('what it loses where this is hidden:');
  for (const tile of mostImportant(explanation, SHOWN_TILES)) {
    const place = `${tile.lowHz.toFixed(0)} to ${tile.highHz.toFixed(0)} Hz, ${tile.fromSec} to ${tile.toSec} s`;
    printLine(`  ${tile.importance.toFixed(4)}  window of ${tile.windowSec} s: ${place}`);
  }
}

async function runExplain(name: string, flags: ExplainFlags, signal: AbortSignal): Promise<void> {
  const { out, images } = flags;
  if (out !== undefined && !out.endsWith('.png')) {
    throw new CliError('bad_usage', `--out: expected a name that ends in .png, found ${out}`);
  }
  const explained =
    images === undefined
      ? await explainFromGateway(flags.gateway, name)
      : await explainFromPictures({ ...flags, images }, name, signal);
  if (out !== undefined) await writeFile(out, await explanationSheet(explained));
  if (flags.json) {
    const { explanation, references, heldAgainst } = explained;
    printJson({ glitch: name, heldAgainst, references, ...explanation, out });
    return;
  }
  print(explained);
  if (out !== undefined) printLine(out);
}

/** `explain`: which parts of a glitch's windows make it like its family, or like its nearest. */
export function explainCommand(signal: AbortSignal): Command {
  const command = new Command('explain')
    .description('which parts of a glitch make it like its family: each tile is hidden in turn')
    .argument('<glitch>', 'glitch id; with --images also a Gravity Spy id')
    .addOption(
      new Option('--gateway <host:port>', 'gRPC address')
        .default('127.0.0.1:50051')
        .env('GLITCHWATCH_GATEWAY'),
    )
    .option('--images <dir>', 'instead of a gateway: a folder of Gravity Spy PNGs')
    .option('--metadata <csv>', 'with --images: Gravity Spy CSV')
    .addOption(
      new Option('--neighbours <n>', 'with --images: held against so many nearest glitches')
        .default(5)
        .argParser(wholeNumber(1, 100)),
    )
    .addOption(
      new Option('--threads <n>', 'with --images: inference threads')
        .default(2)
        .argParser(wholeNumber(1, 64)),
    )
    .option('--out <file.png>', 'its windows, dark where nothing matters, framed where most does');
  for (const option of modelOptions()) command.addOption(option);
  return command
    .addOption(jsonOption())
    .addOption(logLevelOption())
    .action((name: string, flags: ExplainFlags) => runExplain(name, flags, signal));
}
