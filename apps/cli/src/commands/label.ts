import { userInfo } from 'node:os';
import { LabelGlitchRequest, type LabelGlitchResponse } from '@glitchwatch/proto';
import { Metadata } from '@grpc/grpc-js';
import { Command } from 'commander';
import { CliError } from '../errors.js';
import { callGateway, gatewayOption } from '../gateway-call.js';
import { jsonOption } from '../options.js';
import { printJson, printLine } from '../output.js';

interface LabelFlags {
  readonly gateway: string;
  readonly clear?: boolean;
  readonly by?: string;
  readonly json?: boolean;
}

async function label(glitchId: string, text: string | undefined, flags: LabelFlags): Promise<void> {
  if ((text === undefined) !== (flags.clear === true)) {
    throw new CliError('bad_usage', 'label: expected either a label or --clear');
  }
  const request = LabelGlitchRequest.fromPartial({
    glitchId,
    label: text ?? '',
    by: flags.by ?? userInfo().username,
  });
  const answer = await callGateway<LabelGlitchResponse>(flags.gateway, (client, options, done) =>
    client.labelGlitch(request, new Metadata(), options, done),
  );
  if (flags.json) printJson(answer);
  else printLine(`${glitchId}  ${answer.label === '' ? 'no label' : answer.label}`);
}

export function labelCommand(): Command {
  return new Command('label')
    .description('give a glitch a label, correct it or take it back; it counts before its own')
    .argument('<glitch-id>', '32 hex digits')
    .argument('[label]', 'up to 64 characters')
    .option('--clear', 'take the label back that a person gave')
    .option('--by <name>', 'who says so (default: the user of this machine)')
    .addOption(gatewayOption())
    .addOption(jsonOption())
    .action(label);
}
