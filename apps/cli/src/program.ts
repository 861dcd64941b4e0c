import { Command } from 'commander';
import { agreementCommand } from './commands/agreement.js';
import { benchCommand } from './commands/bench.js';
import { clusterCommand } from './commands/cluster.js';
import { dlqCommand } from './commands/dlq.js';
import { embedCommand } from './commands/embed.js';
import { explainCommand } from './commands/explain.js';
import { familiesCommand } from './commands/families.js';
import { finetuneCommand } from './commands/finetune.js';
import { fitCommand } from './commands/fit.js';
import { ingestCommand } from './commands/ingest.js';
import { labelCommand } from './commands/label.js';
import { qscanCommand } from './commands/qscan.js';
import { runCommand } from './commands/run.js';
import { serveCommands } from './commands/serve.js';
import { simulateCommand } from './commands/simulate.js';
import { startCommand } from './commands/start.js';
import { subscribeCommand } from './commands/subscribe.js';
import { printLine } from './output.js';

/** The whole command line; `signal` aborts at Ctrl-C. */
export function buildProgram(signal: AbortSignal): Command {
  const program = new Command('glitchwatch')
    .description('Live morphology of gravitational-wave detector glitches.')
    .version('0.1.0')
    .configureOutput({ writeOut: (text) => printLine(text.trimEnd()) })
    .showHelpAfterError('(try --help)');
  const commands = [
    startCommand(signal),
    ingestCommand(signal),
    runCommand(signal),
    embedCommand(signal),
    explainCommand(signal),
    finetuneCommand(signal),
    fitCommand(signal),
    clusterCommand(signal),
    qscanCommand(),
    subscribeCommand(signal),
    familiesCommand(),
    agreementCommand(),
    labelCommand(),
    dlqCommand(signal),
    simulateCommand(signal),
    benchCommand(signal),
    ...serveCommands(),
  ];
  for (const command of commands) program.addCommand(command);
  for (const command of [program, ...commands, ...commands.flatMap(({ commands: sub }) => sub)]) {
    command.exitOverride();
  }
  return program;
}
