import net from 'node:net';
import tls from 'node:tls';
import type { ISocketFactory } from 'kafkajs';
import { TransportUnavailable } from '../errors.js';

const KEEP_ALIVE_MS = 60_000;
const BROKEN_OFF = 'The connection was given up.';

/** The sockets of one client. kafkajs waits for the answer of every request in flight before it lets go of one: these can be cut. */
export class Sockets {
  private readonly open = new Set<net.Socket>();
  private dead = false;

  readonly connect: ISocketFactory = ({ host, port, ssl, onConnect }) => {
    if (this.dead) return refused();
    const servername = net.isIP(host) === 0 ? { servername: host } : {};
    const socket =
      ssl === undefined || ssl === null
        ? net.connect({ host, port }, onConnect)
        : tls.connect({ host, port, ...servername, ...ssl }, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    this.open.add(socket);
    socket.once('close', () => this.open.delete(socket));
    return socket;
  };

  /** Cuts all, and makes no more. */
  breakOff(): void {
    this.dead = true;
    // Without an error kafkajs does not notice a socket's end, and its requests in flight wait for ever: the timer that would end
    // them stops with the connection.
    for (const socket of this.open) socket.destroy(new TransportUnavailable(BROKEN_OFF));
  }
}

function refused(): net.Socket {
  const socket = new net.Socket();
  setImmediate(() => socket.destroy(new TransportUnavailable(BROKEN_OFF)));
  return socket;
}
