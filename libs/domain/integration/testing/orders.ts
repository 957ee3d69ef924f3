// oxlint-disable-next-line @nx/enforce-module-boundaries -- specs drive the rules with the playbook that ships
import { loadPlaybook } from '@kwanus/playbook';
import type { Declared, FileReference, Giver, IntegrationContext } from '../src/index.js';

export const PLAYBOOK = loadPlaybook('1.0');
export const ID = 'acme.orders';
export const START = '2026-11-23T10:00:00.000Z';
export const SEATS: Readonly<Record<string, readonly string[]>> = {
  TSC: ['tara', 'tobias', 'multi'],
  SCO: ['selma', 'sven', 'multi'],
  ERC: ['elena', 'emil', 'multi'],
  CGB: ['carla', 'chidi', 'multi'],
};
export const CONTEXT: IntegrationContext = {
  playbook: PLAYBOOK,
  asOf: START,
  membership: { version: 7, seats: SEATS },
};

/** @returns a digest that stands for the text */
export const digest = (text: string): string =>
  Array.from(text)
    .reduce((sum, char) => (sum * 31n + BigInt(char.codePointAt(0) ?? 0)) % (1n << 256n), 7n)
    .toString(16)
    .padStart(64, '0');
export const file = (path: string, text = path): FileReference => ({
  path,
  digest: digest(text),
  size: text.length,
  mediaType: 'text/plain',
});
export const uuid = (number: number): string =>
  `00000000-0000-5000-8000-${number.toString(16).padStart(12, '0')}`;

export const DECLARED: Declared = {
  subject: 'integration',
  tier: 'gold',
  supersedes: null,
  partnerOnly: false,
  permissions: [{ id: 'orders:write', actions: ['create'] }],
  workflows: ['order-sync'],
  operations: ['createOrder'],
  extensions: [],
  capabilities: [],
  slos: [],
  fallback: [{ for: 'api:orders-v1', serve: 'api:orders-v0' }],
  rollbackTo: null,
  documents: PLAYBOOK.documents.filter(({ required }) => required).map(({ id }) => id),
  accountable: { contact: 'contact:1', sponsor: 'contact:2' },
};
export const COVERED = [
  ...new Set([
    ...PLAYBOOK.decisions.flatMap(({ covers }) => covers),
    'document:migrationGuide',
    'manifest:fallback',
  ]),
];

/** What a submission differs in from the usual one: texts by covered part, and what it declares. */
export interface Changes {
  readonly parts?: Readonly<Record<string, string>>;
  readonly declared?: Partial<Declared>;
}

const PARTNER: Giver = { by: 'ada', partner: 'acme', roles: ['partner'] };
export const giver = (by: string): Giver =>
  by === 'ada' || by === 'amir'
    ? { ...PARTNER, by }
    : { by, partner: null, roles: by === 'oscar' ? ['operator'] : ['reviewer'] };

export const FACTS = {
  breaking: false,
  semver: 'minor',
  newPermissions: [],
  newWorkflows: [],
  newExtensions: [],
  partnerOnly: false,
  forbiddenNear: false,
  changedSections: [],
};
