import { parentPort, workerData } from 'node:worker_threads';

// Sends the time, by the clock that all threads of a process share, again and again.

const port = parentPort;
if (port === null) throw new Error('pacer-worker runs as a worker thread only');
setInterval(() => port.postMessage(process.hrtime.bigint()), workerData as number);
