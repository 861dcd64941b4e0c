import { type Command, Option } from 'commander';
import { CliError } from '../errors.js';
import {
  dataDirOption,
  jsonOption,
  logLevelOption,
  serverOptions,
  wholeNumber,
} from '../options.js';

/** --offset 3 --offset 5 and --offset 3 5 alike. */
export const offsetsOption = () => {
  const parse = wholeNumber(0);
  return new Option('--offset <n...>', 'only these letters').argParser(
    (text: string, before: number[] | undefined) => [...(before ?? []), parse(text)],
  );
};

export function addLogOptions(command: Command): Command {
  command.addOption(dataDirOption());
  const [kafka] = serverOptions();
  if (kafka !== undefined) command.addOption(kafka);
  return command.addOption(jsonOption()).addOption(logLevelOption());
}

export function noLetterAt(topic: string, offsets: readonly number[]): CliError {
  return new CliError('nothing_to_do', `${topic}: found no letter at offset ${offsets.join(', ')}`);
}
