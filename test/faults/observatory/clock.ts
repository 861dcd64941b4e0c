import { existsSync, readdirSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const LIBRARY = 'faketime/libfaketime.so.1';

/** The wall clock of the processes that are started with its environment. */
export class Clock {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  static async start(dir: string): Promise<Clock> {
    const clock = new Clock(join(dir, 'clock-offset'));
    await clock.set(0);
    return clock;
  }

  get environment(): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: findLibrary() ?? '',
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_CACHE_DURATION: '1',
      // Timers and timeouts count by this one, which no one can set.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** Seconds beside the true time; seen within a second. */
  async set(offsetSec: number): Promise<void> {
    await writeFile(`${this.#file}.new`, `${offsetSec < 0 ? '' : '+'}${offsetSec}\n`);
    await rename(`${this.#file}.new`, this.#file);
  }
}

/** Undefined where libfaketime is installed, else why the clock cannot be set. */
export function whyNoClock(): string | undefined {
  return findLibrary() === undefined ? 'libfaketime is not installed' : undefined;
}

function findLibrary(): string | undefined {
  const places = existsSync('/usr/lib')
    ? readdirSync('/usr/lib').filter((name) => name.endsWith('-linux-gnu'))
    : [];
  return places.map((name) => join('/usr/lib', name, LIBRARY)).find(existsSync);
}
