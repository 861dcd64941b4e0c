import {
  GatewayServiceClient,
  type ListFamiliesResponse,
  type ListFamilyEventsResponse,
  type RenameFamilyResponse,
} from '@glitchwatch/proto';
import { credentials, type ServiceError } from '@grpc/grpc-js';
import { Command, Option } from 'commander';
import { CliError } from '../errors.js';
import { FAMILY_HEAD, familyEventLine, familyLine } from '../family-lines.js';
import { jsonOption, wholeNumber } from '../options.js';
import { printJson, printLine, say } from '../output.js';

interface FamiliesFlags {
  readonly gateway: string;
  readonly json?: boolean;
}

interface HistoryFlags extends FamiliesFlags {
  readonly family?: number;
}

type Answer<T> = (error: ServiceError | null, response: T) => void;

/** One call to the gateway, on a connection of its own. */
async function ask<T>(
  gateway: string,
  call: (client: GatewayServiceClient, answer: Answer<T>) => unknown,
): Promise<T> {
  const client = new GatewayServiceClient(gateway, credentials.createInsecure());
  try {
    return await new Promise<T>((resolve, reject) => {
      call(client, (error, response) => {
        if (error === null) resolve(response);
        else
          reject(
            new CliError('unreachable', `gateway ${gateway}: ${error.details}`, { cause: error }),
          );
      });
    });
  } finally {
    client.close();
  }
}

async function runList({ gateway, json }: FamiliesFlags): Promise<void> {
  const response = await ask<ListFamiliesResponse>(gateway, (client, answer) =>
    client.listFamilies({}, answer),
  );
  if (json) printJson(response);
  else if (response.families.length === 0) say('no families yet');
  else {
    say(FAMILY_HEAD);
    for (const family of response.families) printLine(familyLine(family));
  }
}

async function runRename(familyId: number, name: string, flags: FamiliesFlags): Promise<void> {
  const { family } = await ask<RenameFamilyResponse>(flags.gateway, (client, answer) =>
    client.renameFamily({ familyId, name }, answer),
  );
  if (flags.json) printJson(family);
  else printLine(`family ${familyId} is called ${family?.name ?? ''}`);
}

async function runHistory({ gateway, family, json }: HistoryFlags): Promise<void> {
  const { events } = await ask<ListFamilyEventsResponse>(gateway, (client, answer) =>
    client.listFamilyEvents({ familyId: family }, answer),
  );
  if (json) printJson(events);
  else if (events.length === 0) say('nothing has changed yet');
  else for (const event of events) printLine(familyEventLine(event));
}

const gatewayOption = () =>
  new Option('--gateway <host:port>', 'gRPC address')
    .default('127.0.0.1:50051')
    .env('GLITCHWATCH_GATEWAY');

/** `families list`, `families rename`, `families history`. */
export function familiesCommand(): Command {
  const list = new Command('list')
    .description('families of the model in force, largest first')
    .addOption(gatewayOption())
    .addOption(jsonOption())
    .action((flags: FamiliesFlags) => runList(flags));
  const rename = new Command('rename')
    .description('give a family a name that stays; an empty one brings the default name back')
    .argument('<family>', 'its number', wholeNumber(0))
    .argument('<name>', 'at most 80 characters')
    .addOption(gatewayOption())
    .addOption(jsonOption())
    .action((familyId: number, name: string, flags: FamiliesFlags) =>
      runRename(familyId, name, flags),
    );
  const history = new Command('history')
    .description('what became of the families: born, grew, split, merged, retired, renamed')
    .addOption(new Option('--family <n>', 'only this one').argParser(wholeNumber(0)))
    .addOption(gatewayOption())
    .addOption(jsonOption())
    .action((flags: HistoryFlags) => runHistory(flags));
  return new Command('families')
    .description('families by number and name: list, rename, history')
    .addCommand(list)
    .addCommand(rename)
    .addCommand(history);
}
