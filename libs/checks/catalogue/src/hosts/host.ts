import { domainToASCII } from 'node:url';

/** Where a host leads. */
export type Reach = 'public' | 'internal' | 'dynamic' | 'unreadable';

/** A host with what it comes to once every way of writing it is undone. */
export interface NormalisedHost {
  readonly host: string;
  readonly reach: Reach;
  /** Why, for people. */
  readonly because: string;
}

const EXPRESSION = /\$\{|\{\$|\{\{|<%|\$\(/;

/** Names that never leave a platform's own network, and public ones that lead back to whoever asks. */
const INTERNAL_NAMES =
  /(?:^|\.)(?:localhost|localdomain|internal|local|lan|intranet|corp|home\.arpa|svc|cluster\.local|consul|test\.internal|localtest\.me|lvh\.me|vcap\.me)$|\.svc\.|^(?:metadata|metadata\.google|instance-data|kubernetes|kubernetes\.default|gateway|intake|validation|rollout|monitoring)$/;

/** Programs disagree about where the host ends before one of these, so nobody can tell which one is meant. */
const AMBIGUOUS = /[\\\s\p{Cc}]/u;

/**
 * Undoes the ways in which a host can be disguised (user info, decimal, octal and hexadecimal addresses, IPv6-mapped IPv4, a dot at the
 * end, punycode, escapes) and says where it leads. Nothing is looked up: no name is ever resolved.
 * @param text a host, `host:port`, or a whole URL
 */
export function normaliseHost(text: string): NormalisedHost {
  const trimmed = text.trim();
  const authority = authorityOf(trimmed);
  const as = (reach: Reach, because: string): NormalisedHost => ({
    host: trimmed,
    reach,
    because,
  });
  if (EXPRESSION.test(authority) || (trimmed.includes('://') && authority.includes('{')))
    return as('dynamic', 'is put together at run time');
  const url = AMBIGUOUS.test(authority) ? null : parsedUrl(trimmed);
  if (url === null) return as('unreadable', 'can’t be read as a host');
  const host = plainName(url.hostname);
  return { host, ...reachOf(host) };
}

/** What may hold the host: up to the first slash of a path, query or fragment. What follows is nobody's address. */
const authorityOf = (text: string): string =>
  EXPRESSION_FIRST.test(text)
    ? text
    : (/^(?:[a-z][a-z0-9+.-]*:)?(?:\/\/)?([^/?#]*)/i.exec(text)?.[1] ?? text);
const EXPRESSION_FIRST = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:\$\{|\{\$|\{\{|<%|\$\()/i;

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
  const inner = embeddedAddress(host);
  if (inner !== null && reachOfIpv4(inner).reach === 'internal')
    return { reach: 'internal', because: `${host} stands for an address inside a network` };
  return { reach: 'public', because: `${host} is a public name` };
}

/** Services that answer every name with the address that it holds. */
const WILDCARD_DNS =
  /^(?:.*[.-])?(?:(\d{1,3})[.-](\d{1,3})[.-](\d{1,3})[.-](\d{1,3})|([0-9a-f]{8}))\.(?:nip\.io|sslip\.io|xip\.io)$/;

function embeddedAddress(host: string): readonly number[] | null {
  const found = WILDCARD_DNS.exec(host);
  if (found === null) return null;
  const [, ...parts] = found;
  const packed = parts[4];
  return packed === undefined
    ? parts.slice(0, 4).map(Number)
    : [0, 2, 4, 6].map((at) => Number.parseInt(packed.slice(at, at + 2), 16));
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

/** Forms of IPv6 that carry an IPv4 address: mapped, compatible, translated, NAT64, 6to4. URL has compressed them, so that each has one spelling. */
const CARRIES_IPV4 =
  /^(?:(?:::ffff:(?:0:)?|64:ff9b::|::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$|2002:([0-9a-f]{1,4}):([0-9a-f]{1,4}):)/;

/** Site-local, unique local, link-local, multicast, discard-only, local NAT64. */
const INTERNAL_IPV6: readonly (readonly [mask: number, network: number])[] = [
  [0xfe00, 0xfc00],
  [0xffc0, 0xfe80],
  [0xffc0, 0xfec0],
  [0xff00, 0xff00],
  [0xffff, 0x0100],
];

function reachOfIpv6(host: string): Pick<NormalisedHost, 'reach' | 'because'> {
  const carried = CARRIES_IPV4.exec(host);
  if (carried !== null) {
    const high = Number.parseInt(carried[1] ?? carried[3] ?? '0', 16);
    const low = Number.parseInt(carried[2] ?? carried[4] ?? '0', 16);
    return reachOfIpv4([high >> 8, high & 255, low >> 8, low & 255]);
  }
  const first = Number.parseInt(host.split(':')[0] || '0', 16);
  const internal =
    ['::', '::1'].includes(host) ||
    host.startsWith('64:ff9b:1:') ||
    INTERNAL_IPV6.some(([mask, network]) => (first & mask) === network);
  return internal
    ? { reach: 'internal', because: `${host} is an address inside a network` }
    : { reach: 'public', because: `${host} is a public address` };
}
