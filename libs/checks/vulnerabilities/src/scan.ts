import type {
  ScannedDatabase,
  ScanRequest,
  UnidentifiedComponent,
  UnreadableDocument,
  VulnerabilityScan,
  VulnerableComponent,
} from '@kwanus/checks-kit';
import { type ReadBill, readBill } from './bill.js';
import type { Component } from './component.js';
import { DatabaseUnusable, type EcosystemReading, readEcosystem } from './database.js';
import { type Found, vulnerabilitiesOf } from './found.js';
import { withLines } from './places.js';
import { ecosystemOf } from './purl.js';
import { Statements } from './statements.js';

/** Where the database lies, and how old it may be. */
export interface DatabaseOptions {
  /** In osv.dev's layout: a folder for each ecosystem. */
  readonly directory: string;
  /** Since the newest change in it, for each ecosystem by itself. */
  readonly maxAgeDays: number;
}

const DAY_MS = 24 * 3600 * 1000;
const MOST_LISTED = 1_000;
const MOST_UNIDENTIFIED = 100;

/** Compares bills with the database. Takes the time that it takes: call it where nobody waits for the event loop. */
export async function scanBills(
  { bills, asOf }: ScanRequest,
  options: DatabaseOptions,
): Promise<VulnerabilityScan> {
  const unreadable: UnreadableDocument[] = [];
  const read = bills.flatMap((bill): readonly ReadBill[] => {
    const result = readBill(bill);
    if (!('message' in result)) return [result];
    unreadable.push(result);
    return [];
  });
  const statements = new Statements(bills, read, unreadable);
  const components = read.flatMap((bill) => distinct(bill.components));
  const { readings, open } = await readingsFor(components, asOf, options);
  const vulnerable: VulnerableComponent[] = [];
  const unidentified: UnidentifiedComponent[] = [];
  for (const component of components) {
    const { package: named, path, pointer, name, because } = component;
    if (named === null) {
      unidentified.push({ path, pointer, line: null, name: short(name), because });
      continue;
    }
    const found = vulnerabilitiesOf(named, readings.get(ecosystemOf(named.type) ?? ''));
    for (const reason of found.undecided) open.add(reason);
    for (const one of found.vulnerabilities) vulnerable.push(listed(component, one, statements));
  }
  return {
    components: components.length,
    databases: [...readings.values()].map(({ database }) => database),
    ...withLines(read, statements.documents, {
      vulnerable: worstFirst(vulnerable).slice(0, MOST_LISTED),
      unidentified: unidentified.slice(0, MOST_UNIDENTIFIED),
      unused: statements.unused.slice(0, MOST_UNIDENTIFIED),
    }),
    more: worstFirst(vulnerable)
      .slice(MOST_LISTED)
      .filter(({ statement }) => statement === null).length,
    moreUnidentified: Math.max(0, unidentified.length - MOST_UNIDENTIFIED),
    unreadable,
    open: [...open].sort(),
  };
}

/** What nobody speaks for comes first, so that it is never cut off by what somebody does. */
const worstFirst = (found: readonly VulnerableComponent[]): readonly VulnerableComponent[] => [
  ...found.filter(({ statement }) => statement === null),
  ...found.filter(({ statement }) => statement !== null),
];

const short = (text: string): string => (text.length <= 200 ? text : `${text.slice(0, 199)}…`);

/** The same package in two places is looked up once. */
function distinct(components: readonly Component[]): readonly Component[] {
  const seen = new Set<string>();
  return components.filter(({ package: named }) => {
    if (named === null) return true;
    const key = `${named.type} ${named.name} ${named.version ?? ''}`;
    return seen.has(key) ? false : seen.add(key);
  });
}

function listed(component: Component, found: Found, statements: Statements): VulnerableComponent {
  const { path, pointer, package: named } = component;
  return {
    path,
    pointer,
    line: null,
    purl: short(named?.purl ?? component.name),
    ids: found.ids.slice(0, 20),
    summary: short(found.summary),
    severity: found.severity === null ? null : short(found.severity),
    fixes: found.fixes.slice(0, 5),
    statement: statements.about(component, found.ids),
  };
}

interface Readings {
  readonly readings: ReadonlyMap<string, EcosystemReading>;
  readonly open: Set<string>;
}

/** Only the ecosystems that the bills name are read, one after the other. */
async function readingsFor(
  components: readonly Component[],
  asOf: string,
  { directory, maxAgeDays }: DatabaseOptions,
): Promise<Readings> {
  const open = new Set<string>();
  const names = new Map<string, Set<string>>();
  for (const { package: named } of components) {
    if (named === null) continue;
    const ecosystem = ecosystemOf(named.type);
    if (ecosystem === undefined)
      open.add(`Packages of the type ${short(named.type)} are in no database that is known here.`);
    else names.set(ecosystem, (names.get(ecosystem) ?? new Set()).add(named.name));
  }
  const readings = new Map<string, EcosystemReading>();
  for (const [ecosystem, wanted] of [...names].sort(([a], [b]) => (a < b ? -1 : 1))) {
    try {
      const reading = await readEcosystem(directory, ecosystem, wanted);
      readings.set(ecosystem, reading);
      const stale = staleness(reading.database, asOf, maxAgeDays);
      if (stale !== null) open.add(stale);
    } catch (error) {
      if (!(error instanceof DatabaseUnusable)) throw error;
      open.add(error.message);
    }
  }
  return { readings, open };
}

function staleness(
  { ecosystem, newestModified }: ScannedDatabase,
  asOf: string,
  maxAgeDays: number,
): string | null {
  const newest = Date.parse(newestModified ?? '');
  return Date.parse(asOf) - newest > maxAgeDays * DAY_MS
    ? `What the database says of ${ecosystem} ends on ${newestModified?.slice(0, 10) ?? '?'}, more than ${maxAgeDays} days before.`
    : null;
}
