import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Authenticator,
  developmentKeyFile,
  displayNameOf,
  loadIdentities,
  openDevelopmentIssuer,
  parseIdentities,
  personOf,
  signDevelopmentToken,
} from './index.js';

const identities = loadIdentities('identities.yaml');
const person = (name: string) => {
  const found = personOf(identities, name);
  if (found === undefined) throw new Error(`nobody is called ${name}`);
  return found;
};

describe('the development issuer', () => {
  let parent: string;
  let folder: string;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'kwanus-auth-'));
    folder = join(parent, 'data');
  });
  afterEach(() => rmSync(parent, { recursive: true, force: true }));
  const options = { host: '127.0.0.1', production: false, audience: 'kwanus' };

  it('makes its key at the first start, for its owner only, and keeps it', () => {
    openDevelopmentIssuer({ ...options, folder });
    const file = developmentKeyFile(folder);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const first = readFileSync(file, 'utf8');
    openDevelopmentIssuer({ ...options, folder });
    expect(readFileSync(file, 'utf8')).toBe(first);
  });

  it('believes what was signed with its key, and nothing of another folder', async () => {
    const trusted = openDevelopmentIssuer({ ...options, folder });
    const authenticator = new Authenticator([trusted]);
    for (const name of ['anna', 'selma', 'ada', 'telemetry']) {
      const token = await signDevelopmentToken(developmentKeyFile(folder), person(name), { identities });
      const caller = await authenticator.authenticate(`Bearer ${token}`);
      expect(caller.actor.id).toBe(person(name).actorId);
      expect(caller).toMatchObject({
        roles: person(name).roles,
        partner: person(name).partner,
        sponsor: person(name).sponsor,
      });
    }
    const other = join(folder, 'other');
    openDevelopmentIssuer({ ...options, folder: other });
    const forged = await signDevelopmentToken(developmentKeyFile(other), person('ada'));
    await expect(authenticator.authenticate(`Bearer ${forged}`)).rejects.toMatchObject({
      name: 'Unauthenticated',
    });
  });

  it.each([
    ['in production', { production: true }, /NODE_ENV=production/],
    ['on every address', { host: '0.0.0.0' }, /loopback only/],
    ['on an address of the network', { host: '192.168.1.5' }, /loopback only/],
    ['on a name that only looks like loopback', { host: '127.0.0.1.example.com' }, /loopback only/],
  ])('refuses to run %s', (_, change, message) => {
    expect(() => openDevelopmentIssuer({ ...options, folder, ...change })).toThrow(message);
  });

  it('refuses a key that others can read, that is a link, that is none, that is not there', async () => {
    openDevelopmentIssuer({ ...options, folder });
    const file = developmentKeyFile(folder);
    chmodSync(file, 0o640);
    expect(() => openDevelopmentIssuer({ ...options, folder })).toThrow(/can be read by others/);
    writeFileSync(file, 'no key', { mode: 0o600 });
    chmodSync(file, 0o600);
    expect(() => openDevelopmentIssuer({ ...options, folder })).toThrow(/holds no private key/);
    unlinkSync(file);
    await expect(signDevelopmentToken(file, person('ada'))).rejects.toThrow(/start the platform once/);
    symlinkSync('/etc/hostname', file);
    expect(() => openDevelopmentIssuer({ ...options, folder })).toThrow(/not a plain file/);
  });
});

describe('identities.yaml', () => {
  it('gives every body two seats, held by different people of the platform', () => {
    for (const body of ['TSC', 'SCO', 'ERC', 'CGB'])
      expect(identities.seats.filter((seat) => seat.body === body)).toHaveLength(2);
    expect(new Set(identities.seats.map(({ actorId }) => actorId)).size).toBe(8);
    expect(displayNameOf(identities, identities.seats[0]?.actorId ?? '')).toBe('Tara Quist');
    expect(displayNameOf(identities, 'person:unknown')).toBe('person:unknown');
  });

  const people =
    'people:\n  ada: { displayName: Ada, roles: [admin] }\n  pat: { displayName: Pat, roles: [partner], partner: acme }\n';
  const file = (rest: string) => `apiVersion: kwanus.dev/identities/v1\n${rest}`;
  it.each([
    ['an unknown key', file(`${people}seats: {}\nextra: 1\n`), /extra/],
    [
      'an unknown role',
      file('people:\n  ada: { displayName: Ada, roles: [king] }\nseats: {}\n'),
      /line 3: people.ada.roles/,
    ],
    [
      'a role partner without partner',
      file('people:\n  ada: { displayName: Ada, roles: [partner] }\nseats: {}\n'),
      /go together/,
    ],
    ['a seat of nobody', file(`${people}seats: { TSC: [zoe] }\n`), /nobody is called zoe/],
    ['a seat of a partner', file(`${people}seats: { TSC: [pat] }\n`), /hold no seat/],
    [
      'a name twice',
      file(
        'people:\n  ada: { displayName: A, roles: [admin] }\n  ada: { displayName: B, roles: [admin] }\nseats: {}\n',
      ),
      /unique/,
    ],
    [
      'aliases',
      file('people:\n  ada: &a { displayName: A, roles: [admin] }\n  bob: *a\nseats: {}\n'),
      /alias/i,
    ],
    [
      '__proto__',
      file('people:\n  __proto__: { displayName: A, roles: [admin] }\nseats: {}\n'),
      /__proto__|name/,
    ],
  ])('with %s is refused', (_, text, message) => {
    expect(() => parseIdentities(text, 'identities.yaml')).toThrow(message);
    expect(() => parseIdentities(text, 'identities.yaml')).toThrow(
      expect.objectContaining({ name: 'IdentitiesRefused' }),
    );
  });
});
