import { printLine } from '../output.js';
import type { NoveltyBenchResult, Uniformity } from './novelty-bench.js';
import type { KindRate, QuietMonth } from './quiet-month.js';
import type { Detection, WithheldTrial } from './withheld-trial.js';

/** Alerts must come within so many glitches of the kind. */
const WITHIN = 20;

export function printUniformity(found: Uniformity): void {
  const { glitches, reference, statistic, pValue, pValueOfOneSample } = found;
  printLine(
    `p-values of ${glitches} held-out glitches against uniform: KS ${statistic.toFixed(4)}, p ${pValue.toPrecision(2)} ` +
      `(${pValueOfOneSample.toPrecision(2)} if the ${reference} that they are counted against were the population)`,
  );
}

export function printQuietMonth(quiet: QuietMonth): void {
  if (quiet.months === 0) return;
  printLine('');
  printLine(
    `${quiet.days} quiet days, ${quiet.glitches} glitches, those of a day drawn from ${quiet.heldOut} held out`,
  );
  row(['false alarms a day', 'wanted', 'measured', 'ratio', 'by month']);
  for (const rate of [...quiet.kinds, quiet.all, quiet.labelCount]) row(rateCells(rate));
}

/** @param isFirst The heading comes before it. */
export function printWithheld(trial: WithheldTrial, isFirst: boolean): void {
  if (isFirst) {
    printLine('');
    row([
      'withheld',
      'unassigned',
      'found after',
      'families/day',
      'false/day',
      'label -1',
      'false/day',
    ]);
  }
  const { className, unassigned, watch, labelCount, falseFamiliesPerDay } = trial;
  const [after, falsePerDay] = cells(watch);
  const families = falseFamiliesPerDay.toFixed(2);
  row([className, percent(unassigned), after, families, falsePerDay, ...cells(labelCount)]);
}

export function printNoveltySummary({ machine, pool, withheld }: NoveltyBenchResult): void {
  if (withheld.length > 0) {
    const [found, falsePerDay] = summaryCells(withheld, ({ watch }) => watch);
    const families =
      withheld.reduce((sum, one) => sum + one.falseFamiliesPerDay, 0) / withheld.length;
    row([
      `within ${WITHIN}`,
      '',
      found,
      families.toFixed(2),
      falsePerDay,
      ...summaryCells(withheld, ({ labelCount }) => labelCount),
    ]);
  }
  printLine('');
  printLine(`${pool.size} glitches of ${pool.classes} kinds, ${pool.fitted} of them in the model`);
  printLine(machine);
}

function summaryCells(
  trials: readonly WithheldTrial[],
  of: (trial: WithheldTrial) => Detection,
): [string, string] {
  const found = trials.filter((trial) => (of(trial).occurrences ?? WITHIN + 1) <= WITHIN).length;
  const perDay = trials.reduce((sum, trial) => sum + of(trial).falsePerDay, 0) / trials.length;
  return [`${found} of ${trials.length}`, perDay.toFixed(2)];
}

function row(values: readonly string[]): void {
  printLine(values.map((cell, i) => (i === 0 ? cell.padEnd(24) : cell.padStart(14))).join(''));
}

function rateCells({ kind, wantedPerDay, perDay, perMonth }: KindRate): string[] {
  return [
    kind,
    wantedPerDay.toFixed(3),
    perDay.toFixed(3),
    (perDay / wantedPerDay).toFixed(2),
    perMonth.join(' '),
  ];
}

function cells({ occurrences, falsePerDay }: Detection): [string, string] {
  return [occurrences === null ? 'not' : String(occurrences), falsePerDay.toFixed(2)];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
