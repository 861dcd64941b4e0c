import { parentPort } from 'node:worker_threads';
import type { ThreadReply, ThreadRequest } from '../thread-pool.js';
import { readHdf5Table } from '../triggers/hdf5-table.js';
import { createBlockScanner } from './block-scanner.js';
import type { ScanResult, ScanTask } from './scan-messages.js';
import { describeStrainFile } from './strain-file.js';

/** A thread that reads strain and scans it. */
const port = parentPort;
if (port === null) throw new Error('scan-worker runs as a worker thread only');
const scanner = createBlockScanner();

function work(task: ScanTask): Promise<ScanResult> {
  switch (task.kind) {
    case 'describe':
      return describeStrainFile(task.file);
    case 'table':
      return readHdf5Table(task.file);
    case 'block':
      return scanner.scan(task);
  }
}

async function answer({ id, input }: ThreadRequest<ScanTask>): Promise<ThreadReply<ScanResult>> {
  try {
    return { id, output: await work(input) };
  } catch (error) {
    // Also what is a bug of ours concerns this one block: the others go on.
    return { id, problem: error instanceof Error ? error.message : String(error) };
  }
}

port.on('message', (request: ThreadRequest<ScanTask>) => {
  void answer(request).then((reply) => port.postMessage(reply));
});
