import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { wholeBuffersOf } from './hand-over.js';

describe('handing a message over', () => {
  it('takes whole buffers, each once, and nothing else', () => {
    const rows = new Float32Array(3);
    const shared = new Uint8Array(new SharedArrayBuffer(2));
    const part = new Uint8Array(8).subarray(2, 4);
    const message = { rows, twice: { rows }, part, shared, ids: ['a', 'b'], none: undefined, n: 1 };
    expect(wholeBuffersOf(message)).toEqual([rows.buffer]);
  });

  it('says the same on the other side, and leaves nothing behind', () => {
    const message = { rows: Float32Array.of(1, 2), deep: { labels: Int32Array.of(-1) } };
    const { port1, port2 } = new MessageChannel();
    port1.postMessage(message, wholeBuffersOf(message));
    expect(receiveMessageOnPort(port2)?.message).toEqual({
      rows: Float32Array.of(1, 2),
      deep: { labels: Int32Array.of(-1) },
    });
    expect([message.rows.length, message.deep.labels.length]).toEqual([0, 0]);
    port1.close();
  });
});
