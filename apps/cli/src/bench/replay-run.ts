import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { AssignmentDigest } from '@glitchwatch/clusterer';
import { createRng } from '@glitchwatch/numerics';
import { CliError } from '../errors.js';
import { openWorkStores } from '../stores.js';
import { Answers } from './answers.js';
import { type ClustererRole, killProcess, startClusterer } from './clusterer-process.js';
import type { Recording } from './replay-recording.js';

export interface ReplayOptions {
  readonly recording: Recording;
  /** Of its own: empty. */
  readonly dataDir: string;
  readonly kills: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

export interface ReplayResult {
  readonly digest: AssignmentDigest;
  readonly kills: number;
  /** From the first embedding to the last assignment. */
  readonly seconds: number;
}

const roles: readonly ClustererRole[] = ['assign', 'refit'];
const PATIENCE_MS = 120_000;
const POLL_MS = 5;
/** A kill comes so long after the assignment that it waits for: within a batch, or between two. */
const WITHIN_MS = 100;
/** One kill in so many meets the process while it starts again. */
const AT_START = 4;
const START_MS = 1_500;
/** The models are those of the log: no process fits one. */
const environment = {
  GLITCHWATCH_MIN_FIT: '1000000000',
  GLITCHWATCH_REFIT_EVERY_COUNT: '1000000000',
  GLITCHWATCH_REFIT_EVERY_SEC: '1000000000',
  GLITCHWATCH_CLUSTERER_LEASE_TTL_MS: '1000',
};

/**
 * Plays the recording into a log of its own, each activation once everything before it
 * is answered for, while an assigner and a leader run as processes and are killed.
 */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  const { recording, dataDir, signal } = options;
  const stores = await openWorkStores(dataDir);
  const ending = new AbortController();
  const running = AbortSignal.any([signal, ending.signal]);
  const processes = new Processes(dataDir);
  let background: Promise<unknown> = Promise.resolve();
  try {
    for (const [key, snapshot] of recording.snapshots) await stores.blobs.put(key, [snapshot]);
    await processes.start(signal);
    const answers = new Answers(stores.log, running);
    const started = performance.now();
    const killing = processes.killAlong(answers, options, running);
    background = Promise.allSettled([answers.follow(), killing]);
    let known = 0;
    for (const [i, part] of recording.parts.entries()) {
      await stores.log.append(part);
      known += part.length;
      if (i > 0) await answers.until(i, known);
      const activation = recording.activations[i];
      if (activation === undefined) continue;
      await stores.log.append([activation]);
      await answers.until(i + 1, known);
    }
    const seconds = (performance.now() - started) / 1_000;
    return { digest: answers.digest(), kills: await killing, seconds };
  } finally {
    ending.abort();
    await background;
    await processes.kill();
    await stores.close();
  }
}

class Processes {
  readonly #dataDir: string;
  readonly #children = new Map<ClustererRole, ChildProcess>();

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  /** Resolves when all are ready. */
  async start(signal: AbortSignal): Promise<void> {
    await Promise.all(roles.map((role) => this.#ready(this.#start(role), signal)));
  }

  async kill(): Promise<void> {
    await Promise.all([...this.#children.values()].map(killProcess));
  }

  /**
   * Kills one process or the other at seeded moments of the work, and starts it again.
   *
   * @returns how many times.
   */
  async killAlong(
    answers: Answers,
    { recording, kills, seed }: ReplayOptions,
    signal: AbortSignal,
  ): Promise<number> {
    const rng = createRng(seed);
    const total = recording.digest.assignments;
    const moments = Array.from({ length: kills }, () => rng.nextInt(total)).sort((a, b) => a - b);
    let done = 0;
    for (const moment of moments) {
      const role = roles[rng.nextInt(roles.length)] ?? 'assign';
      const wait = { work: rng.nextInt(WITHIN_MS), start: rng.nextInt(START_MS) };
      const again = rng.nextInt(AT_START) === 0;
      while (answers.count < moment && !signal.aborted) await pause(POLL_MS, signal);
      await pause(wait.work, signal);
      if (signal.aborted) break;
      await this.#killAndStart(role);
      done++;
      if (!again) continue;
      await pause(wait.start, signal);
      if (signal.aborted) break;
      await this.#killAndStart(role);
      done++;
    }
    return done;
  }

  async #killAndStart(role: ClustererRole): Promise<void> {
    const child = this.#children.get(role);
    if (child !== undefined) await killProcess(child);
    this.#start(role).stderr?.resume();
  }

  #start(role: ClustererRole): ChildProcess {
    const child = startClusterer(this.#dataDir, role, environment);
    this.#children.set(role, child);
    return child;
  }

  async #ready(child: ChildProcess, signal: AbortSignal): Promise<void> {
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (said.length < 10_000) said += text;
    });
    const giveUpAt = performance.now() + PATIENCE_MS;
    while (!said.includes('service started')) {
      if (performance.now() > giveUpAt || child.exitCode !== null)
        throw new CliError('pipeline_failed', `a clusterer did not start: ${said}`);
      await delay(POLL_MS, undefined, { signal });
    }
  }
}

/** Ends early at the end. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
