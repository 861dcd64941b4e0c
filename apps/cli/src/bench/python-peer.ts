import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { CliError } from '../errors.js';

export interface PythonPeer {
  /** Name of a script in this folder that prints one JSON value. */
  readonly script: string;
  readonly args: readonly string[];
  /** Packages that it imports, for the error: "a Python with ...". */
  readonly needs: string;
  /** What it reads from stdin; absent: nothing. */
  readonly input?: ArrayBufferView;
  readonly oneThread?: boolean;
  readonly signal: AbortSignal;
}

/** numpy's libraries and numba take as many threads as there are cores unless told. */
const ONE_THREAD = {
  OMP_NUM_THREADS: '1',
  OPENBLAS_NUM_THREADS: '1',
  MKL_NUM_THREADS: '1',
  NUMBA_NUM_THREADS: '1',
};

/** The same work by other people's code, in the same run: what the script printed. */
export async function runPythonPeer<Answer>(python: string, peer: PythonPeer): Promise<Answer> {
  const { script, args, needs, input, oneThread = false, signal } = peer;
  const path = fileURLToPath(new URL(`../../src/bench/${script}`, import.meta.url));
  const child = spawn(python, [path, ...args], {
    signal,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...(oneThread ? ONE_THREAD : {}) },
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = once(child, 'close');
  // A Python that ends early says why on stderr; what it did not read is no error of its own.
  child.stdin.on('error', () => undefined);
  child.stdin.end(
    input === undefined ? undefined : Buffer.from(input.buffer, input.byteOffset, input.byteLength),
  );
  const [code, endedBy] = (await ended) as [number | null, NodeJS.Signals | null];
  if (code !== 0) {
    throw new CliError(
      'pipeline_failed',
      endedBy === null
        ? `${python}: expected a Python with ${needs}, found exit ${code}`
        : `${python}: expected an answer of ${script}, found it ended by ${endedBy}`,
    );
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Answer;
}
