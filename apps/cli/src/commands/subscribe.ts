import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type AlertEvent,
  type AssignmentEvent,
  GatewayServiceClient,
  SubscribeAlertsRequest,
  SubscribeAssignmentsRequest,
} from '@glitchwatch/proto';
import {
  type ClientReadableStream,
  credentials,
  type Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { Argument, Command, Option } from 'commander';
import { CliError } from '../errors.js';
import {
  type AlertKindName,
  alertKindNames,
  alertKinds,
  alertLine,
  assignmentLine,
} from '../event-lines.js';
import { jsonOption, wholeNumber } from '../options.js';
import { printJson, printLine, say } from '../output.js';

interface SubscribeFlags {
  readonly gateway: string;
  readonly from?: 'now' | 'earliest';
  readonly cursor?: string;
  readonly cursorFile?: string;
  readonly name?: string;
  readonly ifo: readonly string[];
  readonly kind: readonly AlertKindName[];
  readonly historical: boolean;
  readonly count?: number;
  readonly json?: boolean;
}

type Kind = 'alerts' | 'assignments';
type StreamEvent = AlertEvent | AssignmentEvent;

const firstRetryMs = 250;
const lastRetryMs = 5_000;

function openStream(
  client: GatewayServiceClient,
  kind: Kind,
  cursor: string,
  { ifo, name, kind: alertsOf, historical }: SubscribeFlags,
): ClientReadableStream<StreamEvent> {
  const filter = { cursor, ifos: [...ifo], subscriber: name ?? '' };
  return kind === 'alerts'
    ? client.subscribeAlerts(
        SubscribeAlertsRequest.fromPartial({
          ...filter,
          kinds: alertsOf.map((name) => alertKinds[name]),
          withoutHistorical: !historical,
        }),
      )
    : client.subscribeAssignments(SubscribeAssignmentsRequest.fromPartial(filter));
}

function lineOf(event: StreamEvent): string {
  if ('alert' in event) return event.alert ? alertLine(event.alert) : 'empty event';
  return event.assignment ? assignmentLine(event.assignment) : 'empty event';
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number';
}

/** Worth another try: the gateway is away, or it dropped us for being slow. */
function isPassing(error: ServiceError): boolean {
  return error.code === status.UNAVAILABLE || error.code === status.RESOURCE_EXHAUSTED;
}

async function startCursor(kind: Kind, flags: SubscribeFlags): Promise<string> {
  if (flags.cursor !== undefined) return flags.cursor;
  if (flags.cursorFile !== undefined) {
    const saved = await readFile(flags.cursorFile, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
      throw error;
    });
    if (saved.trim() !== '') return saved.trim();
  }
  // Open alerts concern whoever begins to listen; assignments are a stream.
  const from = flags.from ?? (kind === 'alerts' ? 'earliest' : 'now');
  return from === 'earliest' ? 'earliest' : '';
}

/** How a named subscription began, in words; the gateway tells it before the first event. */
function sayStart(name: string): (metadata: Metadata) => void {
  return (metadata) => {
    const [start, stored] = ['glitchwatch-start', 'glitchwatch-stored-cursor'].map((key) =>
      String(metadata.get(key)[0] ?? ''),
    );
    if (start === '' || start === 'stated') return;
    const from = start === 'earliest' ? 'from the earliest event' : 'from now on';
    const words: Readonly<Record<string, string>> = {
      found: `${name}: going on where the gateway has it`,
      none: `${name}: not known to the gateway yet, ${from}`,
      invalid: `${name}: what the gateway had belongs to another log, ${from}`,
      unavailable: `${name}: the gateway cannot reach its state store at present, ${from}`,
      full: `${name}: the gateway keeps no more names, ${from}; use --cursor-file`,
    };
    say(words[stored ?? ''] ?? `${name}: ${from}`);
  };
}

/** Follows the stream across breaks; resumes after the last event that was printed. */
async function follow(kind: Kind, flags: SubscribeFlags, signal: AbortSignal): Promise<void> {
  const client = new GatewayServiceClient(flags.gateway, credentials.createInsecure());
  let cursor = await startCursor(kind, flags);
  let seen = 0;
  let retryMs = firstRetryMs;
  let isAway = false;
  try {
    while (!signal.aborted) {
      const stream = openStream(client, kind, cursor, flags);
      if (flags.name !== undefined && seen === 0) stream.on('metadata', sayStart(flags.name));
      const cancel = () => stream.cancel();
      signal.addEventListener('abort', cancel, { once: true });
      try {
        for await (const event of stream as AsyncIterable<StreamEvent>) {
          if (flags.json) printJson(event);
          else printLine(lineOf(event));
          cursor = event.cursor;
          retryMs = firstRetryMs;
          isAway = false;
          if (flags.cursorFile !== undefined) await writeFile(flags.cursorFile, cursor);
          seen += 1;
          if (seen === flags.count) return;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!isServiceError(error)) throw error;
        if (!isPassing(error)) {
          throw new CliError('unreachable', `gateway ${flags.gateway}: ${error.details}`, {
            cause: error,
          });
        }
        // Once per outage, not once per try.
        if (!isAway) say(`gateway ${flags.gateway} is away; trying until it is back (Ctrl-C ends)`);
        isAway = true;
      } finally {
        signal.removeEventListener('abort', cancel);
        // An open call would keep the process for another 30 s; its CANCELLED concerns nobody.
        stream.on('error', () => undefined);
        stream.cancel();
      }
      await delay(retryMs, undefined, { signal }).catch(() => undefined); // ends early at Ctrl-C
      retryMs = Math.min(2 * retryMs, lastRetryMs);
    }
  } finally {
    client.close();
  }
}

export function subscribeCommand(signal: AbortSignal): Command {
  return new Command('subscribe')
    .description('live alerts or assignments from a gateway; reconnects and resumes')
    .addArgument(new Argument('<what>').choices(['alerts', 'assignments']))
    .addOption(
      new Option('--gateway <host:port>', 'gRPC address')
        .default('127.0.0.1:50051')
        .env('GLITCHWATCH_GATEWAY'),
    )
    .addOption(
      new Option(
        '--from <where>',
        'where to begin without a cursor (default: alerts earliest, assignments now)',
      ).choices(['now', 'earliest']),
    )
    .option('--cursor <cursor>', 'begin after this event')
    .option('--cursor-file <file>', 'keep the cursor here and begin after it')
    .option(
      '--name <name>',
      'let the gateway keep the cursor under this name, and go on there after a restart',
    )
    .option('--ifo <name...>', 'only these detectors', [])
    .addOption(
      new Option('--kind <kind...>', 'only these kinds of alert')
        .choices(alertKindNames)
        .default([], 'all'),
    )
    .option('--no-historical', 'leave out alerts that came up while a backlog was caught up with')
    .addOption(new Option('--count <n>', 'stop after this many events').argParser(wholeNumber(1)))
    .addOption(jsonOption())
    .action((what: Kind, flags: SubscribeFlags) => follow(what, flags, signal));
}
