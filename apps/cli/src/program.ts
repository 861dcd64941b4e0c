import { Command } from 'commander';
import { clusterCommand } from './commands/cluster.js';
import { fitCommand } from './commands/fit.js';
import { printLine } from './output.js';

/** The whole command line; `signal` aborts at Ctrl-C. */
export function buildProgram(signal: AbortSignal): Command {
  const program = new Command('glitchwatch')
    .description('Live morphology of gravitational-wave detector glitches.')
    .version('0.1.0')
    .configureOutput({ writeOut: (text) => printLine(text.trimEnd()) })
    .showHelpAfterError('(try --help)')
    .exitOverride();
  for (const make of [fitCommand, clusterCommand]) {
    program.addCommand(make().exitOverride());
  }
  return program;
}
