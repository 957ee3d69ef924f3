import { own, ownList, ownObject, ownText } from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';
import type { Contract, Operation } from './contract.js';
import type { Comparison } from './report.js';

const MOST_ADDRESSES = 200;

/** @returns the addresses of a list of servers, in one form, with every value that a variable can have; `/` where there are none */
function addressesOf(servers: readonly Json[]): readonly string[] {
  const listed = servers.flatMap((server) =>
    expanded(ownText(server, 'url') ?? '/', Object.entries(ownObject(server, 'variables'))),
  );
  return listed.length === 0 ? ['/'] : [...new Set(listed.slice(0, MOST_ADDRESSES).map(normalised))];
}

/** A variable without a list of values stays as it is: anything can stand there. */
function expanded(url: string, variables: readonly (readonly [string, Json])[]): readonly string[] {
  let urls = [url];
  for (const [name, variable] of variables) {
    const values = ownList(variable, 'enum').filter((value) => typeof value === 'string');
    if (values.length > 0)
      urls = urls
        .flatMap((known) => values.map((value) => known.replaceAll(`{${name}}`, value)))
        .slice(0, MOST_ADDRESSES);
  }
  return urls;
}

/** Scheme and host without case, no default port, no slash at the end, no names of variables. */
const normalised = (url: string): string =>
  url
    .replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, (origin) => origin.toLowerCase())
    .replace(/^(https:\/\/[^/]*):443(?=\/|$)/, '$1')
    .replace(/^(http:\/\/[^/]*):80(?=\/|$)/, '$1')
    .replace(/\{[^{}]*\}/g, '{}')
    .replace(/(?<=.)\/$/, '');

const rootAddresses = ({ root }: Contract): readonly string[] => addressesOf(ownList(root, 'servers'));

const pathOf = (address: string): string =>
  address.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '').replace(/\/$/, '');
const originOf = (address: string): string =>
  address.slice(0, address.length - pathOf(address).length).replace(/\/$/, '');

/** @returns the path that all servers begin with, null where they differ */
function commonPath(addresses: readonly string[]): string | null {
  const [first, ...others] = new Set(addresses.map(pathOf));
  return first !== undefined && others.length === 0 ? first : null;
}

/** Paths under which the operations of both are found, where `/v1` only moved from the servers into the paths or back. */
export interface Prefixes {
  readonly base: string;
  readonly revision: string;
}

/** @returns the paths of the servers when the hosts are the same and only the paths differ */
export function movedPrefixes(base: Contract, revision: Contract): Prefixes | null {
  const [before, after] = [rootAddresses(base), rootAddresses(revision)];
  const [was, is] = [commonPath(before), commonPath(after)];
  if (was === null || is === null || was === is) return null;
  const origins = (addresses: readonly string[]): string =>
    [...new Set(addresses.map(originOf))].sort().join(' ');
  return origins(before) === origins(after) ? { base: was, revision: is } : null;
}

/** The servers of the whole contract. */
export function compareServers(comparison: Comparison): void {
  reportGone(
    comparison,
    [rootAddresses(comparison.base.contract), rootAddresses(comparison.revision.contract)],
    '/servers',
  );
}

/** Operations and paths may have servers of their own. */
export function compareOwnServers(comparison: Comparison, base: Operation, revision: Operation): void {
  const [was, is] = [ownServers(base), ownServers(revision)];
  if (was === null && is === null) return;
  reportGone(
    comparison,
    [
      was === null ? rootAddresses(comparison.base.contract) : addressesOf(was),
      is === null ? rootAddresses(comparison.revision.contract) : addressesOf(is),
    ],
    `${base.pointer}/servers`,
  );
}

function ownServers({ value, item }: Operation): readonly Json[] | null {
  for (const holder of [value, item.value])
    if (own(holder, 'servers') !== undefined) return ownList(holder, 'servers');
  return null;
}

/** Clients that call an address that is gone break, whatever others are left; a lenient profile trusts that they know those. */
function reportGone(
  comparison: Comparison,
  [before, after]: readonly [readonly string[], readonly string[]],
  pointer: string,
): void {
  const isServed = (url: string): boolean => after.includes(url);
  const kept = comparison.options.profile === 'lenient' && before.some(isServed);
  for (const url of before)
    if (!isServed(url))
      comparison.report('api-server-removed', kept || isRelative(url, after) ? 'warning' : 'error', {
        pointer,
        side: 'base',
        subject: url,
        text: `the server ${url} was removed`,
      });
}

/** Where one is written without a host, nobody can tell whether it is the same. */
const isRelative = (url: string, others: readonly string[]): boolean =>
  others.some(
    (other) => pathOf(other) === pathOf(url) && (originOf(other) === '') !== (originOf(url) === ''),
  );
