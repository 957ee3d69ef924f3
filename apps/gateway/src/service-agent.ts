import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { callbackify } from 'node:util';

const MAX_SOCKETS = 512;
const CONNECT_MS = 2_000;

/** No process of a service took a connection, so nothing was sent. */
export class NotConnected extends Error {
  override readonly name = 'NotConnected';
}

/**
 * Connections to the processes of one service, which share them. A process that can't be reached is passed over while nothing is
 * sent yet, so that a request, with its body, goes to one process and to no other.
 */
export class ServiceAgent extends Agent {
  private turn = 0;

  /** @param addresses of the service's processes; at least one */
  constructor(private readonly addresses: readonly URL[]) {
    super({ keepAlive: true, maxSockets: MAX_SOCKETS });
  }

  /** The hook that node:http calls when it needs a connection. */
  createConnection(_options: unknown, done: (error: Error | null, socket?: Socket) => void): void {
    callbackify(() => this.connected())(done);
  }

  /** @throws NotConnected when none of them takes a connection */
  private async connected(): Promise<Socket> {
    const first = this.turn;
    this.turn = (first + 1) % this.addresses.length;
    const troubles: unknown[] = [];
    for (const { hostname, port } of [...this.addresses.slice(first), ...this.addresses.slice(0, first)])
      try {
        return await opened(hostname.replace(/^\[|\]$/g, ''), Number(port === '' ? 80 : port));
      } catch (error) {
        troubles.push(error);
      }
    throw new NotConnected(troubles.map(String).join('; '), { cause: troubles[0] });
  }
}

async function opened(host: string, port: number): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_MS) });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
