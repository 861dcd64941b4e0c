import { ServiceError } from './errors.js';
import type { Logger } from './logger.js';

export interface Readiness {
  readonly ready: boolean;
  /** One sentence for the person who reads /readyz. */
  readonly detail: string;
}

export interface Service {
  readonly name: string;
  start(): Promise<void>;
  /** May be called twice, and before `start` has ended. */
  stop(): Promise<void>;
  readiness(): Readiness;
}

export interface RunOptions {
  readonly logger: Logger;
  /** Stops everything when it aborts, as SIGTERM and SIGINT do. */
  readonly signal?: AbortSignal | undefined;
  /** How long one service may take to stop. Default 15000. */
  readonly stopTimeoutMs?: number | undefined;
  /** Gets what kept a service from starting, in place of the log. */
  readonly onStartFailure?: ((error: unknown) => void) | undefined;
}

/**
 * Starts the services in order, waits for SIGTERM, SIGINT or `signal`, and stops
 * them in reverse order. A second SIGINT or SIGTERM stops the waiting.
 *
 * @returns the exit code: 0 after a clean stop, 1 when a service failed to start
 *   or to stop.
 */
export async function runServices(
  services: readonly Service[],
  { logger, signal, stopTimeoutMs = 15_000, onStartFailure }: RunOptions,
): Promise<number> {
  const stopRequested = new AbortController();
  const impatient = new AbortController();
  let signals = 0;
  const onSignal = (name: NodeJS.Signals): void => {
    logger.info({ signal: name }, 'stopping');
    // Counted, because one Ctrl-C may abort the caller's signal before it comes here.
    signals += 1;
    if (signals > 1) impatient.abort();
    stopRequested.abort();
  };
  const onAbort = (): void => stopRequested.abort();
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted === true) onAbort();

  const started: Service[] = [];
  let exitCode = 0;
  try {
    for (const service of services) {
      if (stopRequested.signal.aborted) break;
      started.push(service);
      await service.start();
      logger.info({ service: service.name }, 'service started');
    }
    await aborted(stopRequested.signal);
  } catch (error) {
    if (onStartFailure) onStartFailure(error);
    else logStartFailure(error, { logger, service: started.at(-1)?.name });
    exitCode = 1;
  }
  for (const service of started.reverse()) {
    if (!(await stopOne(service, { logger, stopTimeoutMs, impatient: impatient.signal })))
      exitCode = 1;
  }
  process.off('SIGTERM', onSignal);
  process.off('SIGINT', onSignal);
  signal?.removeEventListener('abort', onAbort);
  return exitCode;
}

/** A sentence for what people can mend (a port in use); the stack for the rest. */
function logStartFailure(
  error: unknown,
  { logger, service }: { readonly logger: Logger; readonly service: string | undefined },
): void {
  if (error instanceof ServiceError) {
    logger.fatal({ code: error.code, service }, `service failed to start: ${error.message}`);
  } else logger.fatal({ err: error, service }, 'service failed to start');
}

interface StopOptions {
  readonly logger: Logger;
  readonly stopTimeoutMs: number;
  readonly impatient: AbortSignal;
}

/** False when the service threw or did not stop in time; the others still get their turn. */
async function stopOne(service: Service, options: StopOptions): Promise<boolean> {
  const { logger, stopTimeoutMs, impatient } = options;
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), stopTimeoutMs);
  const late = aborted(AbortSignal.any([giveUp.signal, impatient])).then(() => 'late' as const);
  try {
    const outcome = await Promise.race([service.stop().then(() => 'stopped' as const), late]);
    if (outcome === 'late') logger.error({ service: service.name }, 'service did not stop in time');
    else logger.info({ service: service.name }, 'service stopped');
    return outcome === 'stopped';
  } catch (error) {
    logger.error({ err: error, service: service.name }, 'service failed to stop');
    return false;
  } finally {
    clearTimeout(timer);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
