import { spawn } from 'node:child_process';

/**
 * Runs a command to its end and gives its standard output.
 * @throws Error with what it printed, where it exits with another code than 0.
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const { timeoutMs = 600_000, ...spawnOptions } = options;
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: AbortSignal.timeout(timeoutMs),
      ...spawnOptions,
    });
    let out = '';
    let all = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
      all += chunk;
    });
    child.stderr.on('data', (chunk) => {
      all += chunk;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(out);
      else reject(new Error(`${command} ended with ${code ?? signal}\n${all.slice(-6000)}`));
    });
  });
}

/** Asks until the answer is truthy. @throws Error naming `what` after `deadlineMs`. */
export async function until(what, ask, deadlineMs = 60_000) {
  const end = Date.now() + deadlineMs;
  let last;
  for (;;) {
    try {
      last = undefined;
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      // Not there yet; the last reason is part of the failure.
      last = error;
    }
    if (Date.now() > end) {
      throw new Error(
        `${what}: not within ${deadlineMs / 1000} s${last ? `: ${last.message}` : ''}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
