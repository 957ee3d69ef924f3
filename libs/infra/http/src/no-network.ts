import dns from 'node:dns';
import net from 'node:net';

/** Something that judges submissions tried to reach out. */
export class NetworkForbidden extends Error {
  override readonly name = 'NetworkForbidden';
}

const refuse = (what: string) => (): never => {
  throw new NetworkForbidden(`${what} was called where submissions are judged: nothing there reaches out.`);
};

/** Takes the network away from this thread, for as long as it lives: no submission can make it reach out, whatever a parser would like. */
export function withoutNetwork(): void {
  Object.assign(net.Socket.prototype, { connect: refuse('connect') });
  Object.assign(dns, { lookup: refuse('lookup'), resolve: refuse('resolve') });
  Object.assign(dns.promises, { lookup: refuse('lookup'), resolve: refuse('resolve') });
  Object.assign(globalThis, { fetch: refuse('fetch') });
}
