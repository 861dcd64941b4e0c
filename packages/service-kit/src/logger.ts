import { Writable } from 'node:stream';
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import { isSecretName } from './secrets.js';

export type { Logger } from 'pino';

export interface LoggerOptions {
  /** Component, for example "ingest". */
  readonly name: string;
  /** Default "info". */
  readonly level?: string | undefined;
  /** Lines for people instead of JSON. */
  readonly pretty?: boolean | undefined;
  /** Default: standard error, so that standard output stays free for results. */
  readonly destination?: DestinationStream | undefined;
}

/** JSON lines with ISO times; secrets are redacted here and nowhere else. */
export function createLogger(options: LoggerOptions): Logger {
  const destination = options.destination ?? pino.destination({ dest: 2, sync: true });
  return pino(
    {
      name: options.name,
      level: options.level ?? 'info',
      base: { name: options.name },
      timestamp: stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redact(fields, 0),
      },
    },
    options.pretty === true ? prettyStream(destination) : destination,
  );
}

const MAX_DEPTH = 5;

/** Copies only where there is something to hide: most events hold no secret. */
function redact(fields: Record<string, unknown>, depth: number): Record<string, unknown> {
  let copy: Record<string, unknown> | undefined;
  for (const [key, value] of Object.entries(fields)) {
    const safe = isSecretName(key) ? '[redacted]' : redactValue(value, depth);
    if (safe === value) continue;
    copy ??= { ...fields };
    copy[key] = safe;
  }
  return copy ?? fields;
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth >= MAX_DEPTH) return value;
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === Object.prototype || prototype === null;
  return isPlain ? redact(value as Record<string, unknown>, depth + 1) : value;
}

/** "12:34:56.789 info  ingest  message key=value": one line per event, stack below it. */
export function prettyLine(json: string): string {
  const { level, time, name, msg, err, ...rest } = JSON.parse(json) as Record<string, unknown>;
  const fields = Object.entries(rest).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const head = [
    String(time).slice(11, 23),
    String(level).padEnd(5),
    String(name),
    ...(msg === undefined ? [] : [String(msg)]),
    ...fields,
  ].join('  ');
  return err === undefined ? head : `${head}\n${describeError(err)}`;
}

function describeError(err: unknown): string {
  if (typeof err !== 'object' || err === null) return `  ${String(err)}`;
  const { stack, message } = err as { stack?: unknown; message?: unknown };
  return `  ${String(stack ?? message)}`;
}

function prettyStream(destination: DestinationStream): DestinationStream {
  return new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      destination.write(`${prettyLine(String(chunk))}\n`);
      done();
    },
  });
}
