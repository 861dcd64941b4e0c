import { Command, Option } from 'commander';
import { benchQscan, type QscanBenchResult } from '../bench/qscan-bench.js';
import { jsonOption, wholeNumber } from '../options.js';
import { printJson, printLine } from '../output.js';

interface QscanFlags {
  readonly scans: number;
  readonly seed: number;
  readonly python?: string;
  readonly json?: boolean;
}

function print(result: QscanBenchResult): void {
  const line = (name: string, value: string) => printLine(`${name.padEnd(34)}${value}`);
  const ms = (sec: number) => (1000 * sec).toFixed(1);
  line('machine', result.machine);
  line('four-window scans/s per core', result.scansPerSec.toFixed(1));
  line('scan, CPU ms', ms(result.own.scanSec));
  line('whitening of 32 s, CPU ms', ms(result.own.whitenSec));
  const { gwpy, scanRatio, wholeRatio } = result;
  if (gwpy === undefined || scanRatio === undefined || wholeRatio === undefined) return;
  line(`GWpy ${gwpy.gwpy}: scan, CPU ms`, ms(gwpy.scanSec));
  line(`GWpy ${gwpy.gwpy}: whitening, CPU ms`, ms(gwpy.whitenSec));
  line('scan, times faster', scanRatio.toFixed(1));
  line('with whitening, times faster', wholeRatio.toFixed(1));
}

/** `bench qscan`. */
export function benchQscanCommand(signal: AbortSignal): Command {
  return new Command('qscan')
    .description('omega scans of strain, four windows each, beside GWpy where a Python has it')
    .addOption(new Option('-n, --scans <n>', 'scans').default(40).argParser(wholeNumber(4)))
    .addOption(new Option('--seed <seed>').default(1).argParser(wholeNumber(0)))
    .option('--python <path>', 'a Python with gwpy; it does the same work in the same run')
    .addOption(jsonOption())
    .action(async ({ json, ...options }: QscanFlags) => {
      const result = await benchQscan({ ...options, signal });
      if (json) printJson(result);
      else print(result);
    });
}
