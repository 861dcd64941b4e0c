import { Command, Option } from 'commander';
import { type FinetuneResult, finetune } from '../finetune/finetune.js';
import type { ModelFlags } from '../model-location.js';
import { jsonOption, logLevelOption, modelOptions, wholeNumber } from '../options.js';
import { printJson, printLine } from '../output.js';

interface FinetuneFlags extends ModelFlags {
  readonly images: string;
  readonly labels: string;
  readonly out: string;
  readonly name?: string;
  readonly folds: number;
  readonly steps: number;
  readonly randomState: number;
  readonly threads: number;
  readonly json?: boolean;
  readonly logLevel: string;
}

function print(result: FinetuneResult): void {
  const { glitches, labels, labelsWithoutGlitch, before, after, against } = result;
  const kinds = Object.keys(labels).length;
  printLine(`${glitches} labelled glitches of ${kinds} labels, on ${result.base}`);
  if (labelsWithoutGlitch > 0) printLine(`${labelsWithoutGlitch} labels have no picture here`);
  printLine(
    `nearest neighbour of ${result.scored} glitches, each left out of the training once (${result.folds} folds)`,
  );
  const columns = ['accuracy', 'balanced', 'mAP'].map((name) => name.padStart(10));
  printLine([''.padEnd(10), ...columns].join(''));
  for (const [name, scores] of Object.entries({ before, after })) {
    const figures = [scores.accuracy, scores.balancedAccuracy, scores.meanAveragePrecision];
    printLine([name.padEnd(10), ...figures.map((value) => value.toFixed(4).padStart(10))].join(''));
  }
  printLine(
    `right before alone ${against.firstOnly}, after alone ${against.secondOnly}, ` +
      `McNemar's p ${against.pValue.toPrecision(2)}`,
  );
  if (after.meanAveragePrecision <= before.meanAveragePrecision) {
    printLine('these labels do not help on glitches left out: rather keep the network as it is');
  }
  printLine(`${result.name} ${result.version}: ${result.out}`);
}

/** `finetune`: a model of one's own from the bundled network and one's own labels. */
export function finetuneCommand(signal: AbortSignal): Command {
  const command = new Command('finetune')
    .description(
      "fits the embedder to labels of one's own and writes the model; says what it gains",
    )
    .requiredOption('--images <dir>', 'folder of Gravity Spy PNGs')
    .requiredOption(
      '--labels <csv>',
      'columns label and external_id, gravityspy_id, glitch_id or id, by name',
    )
    .requiredOption('--out <dir>', 'model folder to write; for --model of embed, run and start')
    .option('--name <name>', 'of the model (default: that of the network, -finetuned)')
    .addOption(
      new Option('--folds <n>', 'parts into which the labelled glitches are cut to judge it')
        .default(5)
        .argParser(wholeNumber(2, 20)),
    )
    .addOption(new Option('--steps <n>', 'of training').default(100).argParser(wholeNumber(1)))
    .addOption(
      new Option('--random-state <seed>', 'of folds and training')
        .default(42)
        .argParser(wholeNumber(0)),
    )
    .addOption(
      new Option('--threads <n>', 'inference threads').default(2).argParser(wholeNumber(1, 64)),
    );
  for (const option of modelOptions()) command.addOption(option);
  return command
    .addOption(jsonOption())
    .addOption(logLevelOption())
    .action(async ({ randomState, ...flags }: FinetuneFlags) => {
      const result = await finetune({ ...flags, seed: randomState, signal });
      if (flags.json) printJson(result);
      else print(result);
    });
}
