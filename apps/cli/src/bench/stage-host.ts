import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CliError } from '../errors.js';
import type { StageAnswer, StageCommand, StageCommands } from './stage-protocol.js';

const script = fileURLToPath(new URL('../../dist/bench/stage-process.js', import.meta.url));
const stopDeadlineMs = 20_000;

/** A process that runs some services; its methods are its commands. */
export interface StageHost extends StageCommands {
  readonly name: string;
}

/** `profileDir` gets a CPU profile of each of its threads when it has stopped. */
export function openStageHost(name: string, profileDir: string | undefined): StageHost {
  const child = fork(script, {
    serialization: 'advanced',
    execArgv:
      profileDir === undefined
        ? []
        : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`, '--cpu-prof-interval=2000'],
  });
  const pending = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  let nextId = 1;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      const error = new CliError(
        'pipeline_failed',
        `bench process ${name} ended: ${signal ?? code}`,
      );
      for (const { reject } of pending.values()) reject(error);
      pending.clear();
      resolve();
    });
  });
  child.on('error', (error) => {
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  });
  child.on('message', (answer: StageAnswer) => {
    const waiting = pending.get(answer.id);
    pending.delete(answer.id);
    if ('problem' in answer) {
      waiting?.reject(new CliError('pipeline_failed', `bench process ${name}: ${answer.problem}`));
    } else waiting?.resolve(answer.value);
  });

  const call = <Value>(command: StageCommand): Promise<Value> =>
    new Promise<Value>((resolve, reject) => {
      const id = nextId++;
      pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
      child.send({ ...command, id }, (error) => {
        if (error === null) return;
        pending.delete(id);
        reject(error);
      });
    });

  return {
    name,
    start: (argument) => call({ name: 'start', argument }),
    feed: (argument) => call({ name: 'feed', argument }),
    report: () => call({ name: 'report', argument: undefined }),
    async stop() {
      const timer = setTimeout(() => child.kill('SIGKILL'), stopDeadlineMs);
      try {
        if (child.connected) {
          await call({ name: 'stop', argument: undefined });
          child.disconnect();
        }
      } finally {
        await exited;
        clearTimeout(timer);
      }
    },
  };
}
