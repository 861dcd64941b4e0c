import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export type ClustererRole = 'assign' | 'refit' | 'both';

/** The same command that is running now, as a clusterer in a process of its own; its log comes on stderr. */
export function startClusterer(
  dataDir: string,
  role: ClustererRole,
  environment: Readonly<Record<string, string>> = {},
): ChildProcess {
  const command = process.argv[1] ?? '';
  const args = ['clusterer', 'serve', '--role', role, '--data-dir', dataDir, '--log-level', 'info'];
  return spawn(process.execPath, [command, ...args], {
    env: { ...process.env, GLITCHWATCH_OPS_PORT: '0', ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** Resolves when the process has ended, also where it had before. */
export async function killProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
