import net from 'node:net';
import tls from 'node:tls';
import type { ISocketFactory } from 'kafkajs';

const KEEP_ALIVE_DELAY_MS = 10_000;
const LOOK_INTERVAL_MS = 1000;

interface Watched {
  /** Bytes written when the peer was last heard, and when that was. */
  written: number;
  heardMs: number;
}

/**
 * The sockets of one client. kafkajs keeps a connection whose peer has gone
 * silent (a cut cable, a frozen host) and lets every request on it time out; and
 * it goes on retrying after `disconnect`. So the sockets are held here: a silent
 * one is torn down, and `close` ends them all and refuses further ones, after
 * which nothing that was given up can still be sent.
 */
export class Sockets {
  readonly #silenceMs: number;
  readonly #open = new Map<net.Socket, Watched>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param silenceMs how long a request may stay without any answer. */
  constructor(silenceMs: number) {
    this.#silenceMs = silenceMs;
  }

  readonly create: ISocketFactory = ({ host, port, ssl, onConnect }) => {
    if (this.#closed) throw new Error('the client is closed');
    const servername = net.isIP(host) === 0 ? { servername: host } : {};
    const socket = ssl
      ? tls.connect({ host, port, ...servername, ...ssl }, onConnect)
      : net.connect({ host, port }, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
    socket.setNoDelay(true);
    const watched: Watched = { written: 0, heardMs: performance.now() };
    this.#open.set(socket, watched);
    socket.on('data', () => {
      watched.written = socket.bytesWritten;
      watched.heardMs = performance.now();
    });
    socket.on('close', () => this.#open.delete(socket));
    this.#timer ??= setInterval(() => this.#look(), LOOK_INTERVAL_MS).unref();
    return socket;
  };

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    for (const socket of this.#open.keys()) socket.destroy(new Error('the client is closed'));
  }

  #look(): void {
    const nowMs = performance.now();
    for (const [socket, watched] of this.#open) {
      const asked = socket.bytesWritten > watched.written;
      if (!asked) watched.heardMs = nowMs;
      else if (nowMs - watched.heardMs > this.#silenceMs) {
        socket.destroy(new Error(`no answer for ${this.#silenceMs} ms`));
      }
    }
  }
}
