import { isObject, own, ownList, ownObject, ownText } from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';

/** A bound of a range, as OSV writes it. */
export interface RangeEvent {
  readonly kind: 'introduced' | 'fixed' | 'last_affected' | 'limit';
  readonly version: string;
}

/** Versions between bounds; git ranges speak of commits and are left out. */
export interface VersionRange {
  readonly semantic: boolean;
  readonly events: readonly RangeEvent[];
}

/** What a record says about one package. */
export interface Affected {
  readonly name: string;
  readonly versions: ReadonlySet<string>;
  readonly ranges: readonly VersionRange[];
}

/** An OSV record, as far as it is needed. */
export interface OsvRecord {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly modified: string;
  readonly withdrawn: boolean;
  readonly summary: string;
  readonly severity: string | null;
  readonly affected: readonly Affected[];
}

const texts = (values: readonly Json[]): readonly string[] =>
  values.filter((value): value is string => typeof value === 'string');

/** The packages that somebody asks about. */
export interface Wanted {
  /** A suffix after a colon (`Debian:12`) names a release of it. */
  readonly ecosystem: string;
  readonly has: (name: string) => boolean;
}

/** @returns null where it is no record: without an id or a moment of change; of its packages only what is wanted is kept */
export function readRecord(value: Json, wanted: Wanted): OsvRecord | null {
  const id = ownText(value, 'id');
  const modified = ownText(value, 'modified');
  if (id === undefined || modified === undefined || Number.isNaN(Date.parse(modified))) return null;
  const affected = ownList(value, 'affected').flatMap((entry) => affectedIn(entry, wanted));
  return {
    id,
    modified,
    aliases: texts(ownList(value, 'aliases')),
    withdrawn: typeof own(value, 'withdrawn') === 'string',
    summary: ownText(value, 'summary') ?? ownText(value, 'details')?.split('\n', 1)[0] ?? '',
    severity: ownText(ownObject(value, 'database_specific'), 'severity') ?? null,
    affected,
  };
}

function affectedIn(entry: Json, { ecosystem, has }: Wanted): readonly Affected[] {
  const named = ownObject(entry, 'package');
  const name = ownText(named, 'name');
  if (name === undefined || ownText(named, 'ecosystem')?.split(':', 1)[0] !== ecosystem) return [];
  if (!has(name)) return [];
  const ranges = ownList(entry, 'ranges').flatMap((range) => {
    const type = ownText(range, 'type');
    return type === 'SEMVER' || type === 'ECOSYSTEM'
      ? [{ semantic: type === 'SEMVER', events: ownList(range, 'events').flatMap(eventsIn) }]
      : [];
  });
  return [{ name, versions: new Set(texts(ownList(entry, 'versions'))), ranges }];
}

const KINDS = ['introduced', 'fixed', 'last_affected', 'limit'] as const;

const eventsIn = (event: Json): readonly RangeEvent[] =>
  isObject(event)
    ? KINDS.flatMap((kind) => {
        const version = ownText(event, kind);
        return version === undefined ? [] : [{ kind, version }];
      })
    : [];
