import { printLine } from '../output.js';
import type { NoveltyBenchResult } from './novelty-bench.js';
import type { KindRate } from './quiet-month.js';
import type { Detection, WithheldTrial } from './withheld-trial.js';

/** Alerts must come within so many glitches of the kind. */
const WITHIN = 20;

export function printNoveltyResult(result: NoveltyBenchResult): void {
  const { machine, pool, uniformity, quiet, withheld } = result;
  printLine(machine);
  printLine(`${pool.size} glitches of ${pool.classes} kinds, ${pool.fitted} of them in the model`);
  printLine(
    `p-values of ${uniformity.glitches} held-out glitches against uniform: KS ${uniformity.statistic.toFixed(4)}, p ${uniformity.pValue.toPrecision(2)}`,
  );
  printLine('');
  printLine(
    `${quiet.days} quiet days, ${quiet.glitches} glitches drawn from ${quiet.heldOut} held out`,
  );
  const row = (cells: readonly string[]) =>
    printLine(cells.map((cell, i) => (i === 0 ? cell.padEnd(24) : cell.padStart(14))).join(''));
  row(['false alarms a day', 'wanted', 'measured', 'ratio']);
  for (const rate of [...quiet.kinds, quiet.all, quiet.labelCount]) row(rateCells(rate));
  printLine('');
  row(['withheld', 'unassigned', 'found after', 'false/day', 'label -1', 'false/day']);
  for (const { className, unassigned, watch, labelCount } of withheld)
    row([className, percent(unassigned), ...cells(watch), ...cells(labelCount)]);
  const share = (of: (trial: WithheldTrial) => Detection) =>
    withheld.filter((trial) => (of(trial).occurrences ?? Number.POSITIVE_INFINITY) <= WITHIN)
      .length;
  const mean = (of: (trial: WithheldTrial) => Detection) =>
    withheld.reduce((sum, trial) => sum + of(trial).falsePerDay, 0) / withheld.length;
  row([
    `within ${WITHIN}`,
    '',
    `${share(({ watch }) => watch)} of ${withheld.length}`,
    mean(({ watch }) => watch).toFixed(2),
    `${share(({ labelCount }) => labelCount)} of ${withheld.length}`,
    mean(({ labelCount }) => labelCount).toFixed(2),
  ]);
}

function rateCells({ kind, wantedPerDay, perDay }: KindRate): string[] {
  return [kind, wantedPerDay.toFixed(3), perDay.toFixed(3), (perDay / wantedPerDay).toFixed(2)];
}

function cells({ occurrences, falsePerDay }: Detection): string[] {
  return [occurrences === null ? 'not' : String(occurrences), falsePerDay.toFixed(2)];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
