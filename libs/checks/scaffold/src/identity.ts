import { own, ownList, ownObject, ownText } from '@kwanus/checks-kit';
import type { JsonObject } from '@kwanus/kernel';
import { ScaffoldRefused } from './errors.js';

/** Who an integration belongs to, and what it is called there. */
export interface Identity {
  readonly partner: string;
  readonly name: string;
}

const ID = /^([a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?)\.([a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?)$/;
const LONGEST = 64;

/** @returns lower-case letters, digits and inner hyphens, at most 64; '' where nothing of that is left */
export const slugOf = (text: string): string =>
  text
    .replace(/([a-z\d])([A-Z])/g, '$1-$2')
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST)
    .replace(/^-+|-+$/g, '');

/**
 * @param id as a person gave it, else undefined: then the contract's server and title tell
 * @throws ScaffoldRefused when it has another form, or the contract does not tell
 */
export function identityOf(contract: JsonObject, id: string | undefined): Identity {
  if (id !== undefined) {
    const [, partner, name] = ID.exec(id) ?? [];
    if (partner === undefined || name === undefined)
      throw new ScaffoldRefused(
        `${id} is no id of an integration: it is <partner>.<name>, each of lower-case letters, digits and inner hyphens, for example acme.parcels.`,
      );
    return { partner, name };
  }
  const partner = slugOf(registeredLabel(hostsOf(contract)[0] ?? ''));
  const name = slugOf(ownText(own(contract, 'info'), 'title') ?? '');
  if (partner === '' || name === '')
    throw new ScaffoldRefused(
      'The contract does not tell whose it is (servers) and what it is called (info.title): give --id PARTNER.NAME.',
    );
  return { partner, name };
}

/** `acme` of `api.acme.example`: the label before the last one; '' for an address of numbers and for `localhost`. */
const registeredLabel = (host: string): string =>
  /^[\d.]+$|:/.test(host) ? '' : (host.split('.').at(-2) ?? '');

/** @returns the hosts that the contract's servers name, without those that a variable decides */
export function hostsOf(contract: JsonObject): readonly string[] {
  const urls = ownList(contract, 'servers').map((server) => ownText(server, 'url') ?? '');
  const hosts = urls.flatMap(
    (url) => /^https?:\/\/([^/:{}@\s]+)(?=[/:]|$)/i.exec(url)?.[1]?.toLowerCase() ?? [],
  );
  return [...new Set(hosts)];
}

/** @returns who answers for the contract, as far as it says so */
export function contactIn(contract: JsonObject): { readonly name?: string; readonly email?: string } {
  const contact = ownObject(ownObject(contract, 'info'), 'contact');
  const [name, email] = [ownText(contact, 'name'), ownText(contact, 'email')];
  return { ...(name === undefined ? {} : { name }), ...(email === undefined ? {} : { email }) };
}
