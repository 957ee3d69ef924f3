import { domainToASCII } from 'node:url';

/** Where a host leads. */
export type Reach = 'public' | 'internal' | 'dynamic' | 'unreadable';

/** A host with what it comes to once every way of writing it is undone. */
export interface NormalisedHost {
  readonly host: string;
  readonly port: number | null;
  readonly reach: Reach;
  /** Why, for people. */
  readonly because: string;
}

const EXPRESSION = /\$\{|\{\$|\{\{|<%|\$\(/;

/** Names that never leave a platform's own network. */
const INTERNAL_NAMES =
  /(?:^|\.)(?:localhost|localdomain|internal|local|lan|intranet|corp|home\.arpa|svc|cluster\.local|consul|test\.internal)$|\.svc\.|^(?:metadata|metadata\.google|instance-data|kubernetes|gateway|intake|validation|rollout|monitoring)$/;

/**
 * Undoes the ways in which a host can be disguised (user info, decimal, octal and hexadecimal addresses, IPv6-mapped IPv4, a dot at the
 * end, punycode, escapes) and says where it leads. Nothing is looked up: no name is ever resolved.
 * @param text a host, `host:port`, or a whole URL
 */
export function normaliseHost(text: string): NormalisedHost {
  const trimmed = text.trim();
  if (EXPRESSION.test(trimmed) || /^[^/]*:\/\/[^/]*\{/.test(trimmed))
    return { host: trimmed, port: null, reach: 'dynamic', because: 'is put together at run time' };
  const url = parsedUrl(trimmed);
  if (url === null)
    return { host: trimmed, port: null, reach: 'unreadable', because: 'can’t be read as a host' };
  const port = url.port === '' ? null : Number(url.port);
  const host = plainName(url.hostname);
  return { host, port, ...reachOf(host) };
}

/** Non-special schemes don't normalise their host, so the authority is read as that of an http URL. */
function parsedUrl(text: string): URL | null {
  const authority = /^[a-z][a-z0-9+.-]*:\/\/(.*)$/is.exec(text)?.[1] ?? text.replace(/^\/\//, '');
  const wildcard = authority.replace(/^\*\./, '');
  try {
    return new URL(`http://${wildcard}`);
  } catch {
    return null;
  }
}

function plainName(hostname: string): string {
  const bare = hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.+$/, '')
    .toLowerCase();
  return bare.includes(':') ? bare : domainToASCII(bare) || bare;
}

function reachOf(host: string): Pick<NormalisedHost, 'reach' | 'because'> {
  const four = ipv4Of(host);
  if (four !== null) return reachOfIpv4(four);
  if (host.includes(':')) return reachOfIpv6(host);
  if (INTERNAL_NAMES.test(host)) return { reach: 'internal', because: `${host} is a name inside a network` };
  if (!host.includes('.'))
    return { reach: 'internal', because: `${host} has no domain, so it is looked up inside the network` };
  const embedded =
    /^(?:.*\.)?(\d{1,3})[.-](\d{1,3})[.-](\d{1,3})[.-](\d{1,3})\.(?:nip\.io|sslip\.io|xip\.io)$/.exec(host);
  if (embedded !== null) {
    const inner = reachOfIpv4(embedded.slice(1, 5).map(Number));
    if (inner.reach === 'internal')
      return { reach: 'internal', because: `${host} stands for an address inside a network` };
  }
  return { reach: 'public', because: `${host} is a public name` };
}

const ipv4Of = (host: string): readonly number[] | null =>
  /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host) ? host.split('.').map(Number) : null;

const NETWORKS: readonly (readonly [string, (bytes: readonly number[]) => boolean])[] = [
  ['this machine', ([a]) => a === 127 || a === 0],
  [
    'a private network (RFC 1918)',
    ([a = 0, b = 0]) => a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168),
  ],
  ['a link-local address, where cloud metadata is served', ([a, b]) => a === 169 && b === 254],
  ['a carrier’s inner network', ([a, b = 0]) => a === 100 && b >= 64 && b <= 127],
  [
    'a reserved network',
    ([a = 0, b, c]) => a >= 224 || (a === 192 && b === 0 && c === 0) || (a === 198 && (b === 18 || b === 19)),
  ],
];

function reachOfIpv4(bytes: readonly number[]): Pick<NormalisedHost, 'reach' | 'because'> {
  const network = NETWORKS.find(([, holds]) => holds(bytes))?.[0];
  return network === undefined
    ? { reach: 'public', because: `${bytes.join('.')} is a public address` }
    : { reach: 'internal', because: `${bytes.join('.')} is ${network}` };
}

/** URL has compressed it already, so that the mapped forms have one spelling each. */
function reachOfIpv6(host: string): Pick<NormalisedHost, 'reach' | 'because'> {
  const mapped = /^(?:::ffff:|64:ff9b::|::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host);
  if (mapped !== null) {
    const high = Number.parseInt(mapped[1] ?? '0', 16);
    const low = Number.parseInt(mapped[2] ?? '0', 16);
    return reachOfIpv4([high >> 8, high & 255, low >> 8, low & 255]);
  }
  const first = Number.parseInt(host.split(':')[0] || '0', 16);
  const internal =
    host === '::1' ||
    host === '::' ||
    (first & 0xfe00) === 0xfc00 ||
    (first & 0xffc0) === 0xfe80 ||
    (first & 0xff00) === 0xff00;
  return internal
    ? { reach: 'internal', because: `${host} is an address inside a network` }
    : { reach: 'public', because: `${host} is a public address` };
}
