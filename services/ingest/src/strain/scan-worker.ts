import { parentPort } from 'node:worker_threads';
import type { ThreadReply, ThreadRequest } from '../thread-pool.js';
import { createBlockScanner } from './block-scanner.js';
import type { ScanResult, ScanTask } from './scan-messages.js';
import { describeStrainFile } from './strain-file.js';

/** A thread that reads strain and scans it. */
const port = parentPort;
if (port === null) throw new Error('scan-worker runs as a worker thread only');
const scanner = createBlockScanner();

async function answer({ id, input }: ThreadRequest<ScanTask>): Promise<ThreadReply<ScanResult>> {
  try {
    const output =
      input.kind === 'describe' ? await describeStrainFile(input.file) : await scanner.scan(input);
    return { id, output };
  } catch (error) {
    // Also what is a bug of ours concerns this one block: the others go on.
    return { id, problem: error instanceof Error ? error.message : String(error) };
  }
}

port.on('message', (request: ThreadRequest<ScanTask>) => {
  void answer(request).then((reply) => port.postMessage(reply));
});
