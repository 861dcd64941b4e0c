import { Command, Option } from 'commander';
import { benchIdentity, type IdentityBenchResult } from '../bench/identity-bench.js';
import { jsonOption, wholeNumber } from '../options.js';
import { printJson, printLine } from '../output.js';
import { startProgress } from '../progress.js';

interface IdentityFlags {
  readonly count: number;
  readonly dimension: number;
  readonly kinds: number;
  readonly seed: number;
  readonly refits: number;
  readonly epochs?: number;
  readonly json?: boolean;
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

function print(result: IdentityBenchResult): void {
  const line = (name: string, value: string) => printLine(`${name.padEnd(56)}${value}`);
  line('machine', result.machine);
  line('glitches', `${result.glitches} x ${result.dimension}, 90 % of them in each fit`);
  const columns = 'families  stable  ids kept  by label  move     trustworthiness  changes';
  printLine(`refit  ${columns}`);
  for (const [i, step] of result.steps.entries()) {
    const changes = Object.entries(step.events).map(([kind, n]) => `${n} ${kind}`);
    printLine(
      [
        String(i + 1).padEnd(5),
        String(step.nFamilies).padEnd(8),
        String(step.stableFamilies).padEnd(6),
        percent(step.kept).padEnd(8),
        percent(step.keptByLabel).padEnd(8),
        percent(step.move).padEnd(7),
        `${step.trustworthiness.toFixed(4)} (${step.trustworthinessCold.toFixed(4)})`.padEnd(15),
        changes.join(', '),
      ].join('  '),
    );
  }
  line('members of stable families that keep their id', percent(result.kept));
  line("  by HDBSCAN's own numbers on the same fits", percent(result.keptByLabel));
  line('  by its numbers, each fit begun anew', percent(result.keptByLabelCold));
  line('median move over the diameter of the map, greatest', percent(result.greatestMove));
  line('  each fit begun anew', percent(result.greatestMoveCold));
  line('ids that came or went without an event', String(unexplained(result)));
  line('ids of ended families given again', String(result.reusedIds));
}

function unexplained({ steps }: IdentityBenchResult): number {
  return steps.reduce((sum, step) => sum + step.unexplained, 0);
}

/** `bench identity`. */
export function benchIdentityCommand(signal: AbortSignal): Command {
  return new Command('identity')
    .description('family ids and the map across refits, beside fits that know nothing of the last')
    .addOption(new Option('-n, --count <n>', 'glitches').default(8_583).argParser(wholeNumber(200)))
    .addOption(new Option('--dimension <d>').default(256).argParser(wholeNumber(2)))
    .addOption(
      new Option('--kinds <n>', 'made-up kinds, of many sizes')
        .default(60)
        .argParser(wholeNumber(1)),
    )
    .addOption(new Option('--refits <n>').default(5).argParser(wholeNumber(1)))
    .addOption(new Option('--seed <seed>').default(1).argParser(wholeNumber(0)))
    .addOption(
      new Option('--epochs <n>', 'of the layout; by the count when absent').argParser(
        wholeNumber(1),
      ),
    )
    .addOption(jsonOption())
    .action(async ({ json, ...options }: IdentityFlags) => {
      const progress = startProgress('refits', options.refits, 'refits');
      try {
        const onRefit = (done: number) => progress.update(done);
        const result = await benchIdentity({ ...options, signal, onRefit });
        progress.stop();
        if (json) printJson(result);
        else print(result);
      } finally {
        progress.stop();
      }
    });
}
