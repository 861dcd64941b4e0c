import { CommanderError } from 'commander';
import { CliError, exitCodes } from './errors.js';
import { buildProgram } from './program.js';

/** A bare message for what people can mend; the stack for what we must. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && typeof error.code === 'string') return error.message;
  return error.stack ?? error.message;
}

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // The first asks for an orderly end; a second one means it.
  process.once(signal, () => {
    interrupt.abort(signal);
    process.once(signal, () => process.exit(exitCodes.interrupted));
  });
}

try {
  const program = buildProgram(interrupt.signal);
  await program.parseAsync();
  if (interrupt.signal.aborted) process.exitCode ??= exitCodes.interrupted;
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.badUsage;
  } else if (interrupt.signal.aborted) {
    process.exitCode = exitCodes.interrupted;
  } else {
    process.stderr.write(`glitchwatch: ${messageOf(error)}\n`);
    const usage = error instanceof CliError && error.code === 'bad_usage';
    process.exitCode = usage ? exitCodes.badUsage : exitCodes.failed;
  }
}
