import { readFileSync, readlinkSync } from 'node:fs';

/**
 * Names one run of one process, so that another process on the same machine can
 * tell that it has died without waiting for its session to expire.
 */
export interface ProcessIdentity {
  /** Boot id, process-id namespace and user: identities are comparable only where equal. */
  readonly space: string;
  readonly pid: number;
  /** Start time in clock ticks since boot: tells a reused process id apart. */
  readonly startTicks: string;
}

/** Undefined where the system does not tell (anything but Linux): sessions just expire. */
export function ownProcessIdentity(): ProcessIdentity | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const space = `${boot} ${readlinkSync('/proc/self/ns/pid')} ${process.getuid?.()}`;
    const startTicks = startTicksOf(process.pid);
    return startTicks === undefined ? undefined : { space, pid: process.pid, startTicks };
  } catch {
    // No /proc: the caller falls back to expiry, which is always right, only slower.
    return undefined;
  }
}

/** True only if that process certainly runs no more. */
export function hasDied(other: ProcessIdentity | null, own: ProcessIdentity | undefined): boolean {
  if (other === null || own === undefined || other.space !== own.space) return false;
  return startTicksOf(other.pid) !== other.startTicks;
}

function startTicksOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name, in brackets, may hold spaces; state is field 3, start time field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    // The process does not exist (or is hidden from us, which its identity's space rules out).
    return undefined;
  }
}
