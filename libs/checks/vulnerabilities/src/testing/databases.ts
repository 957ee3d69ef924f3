import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { BillOfMaterials } from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';

/** A record of our own making, in OSV's form. */
export const record = (id: string, more: JsonObject): TestRecord => ({
  schema_version: '1.6.0',
  id,
  modified: '2026-11-20T00:00:00Z',
  summary: `Invented for the tests: ${id}`,
  ...more,
});

/** Only what is needed to give it a file. */
export type TestRecord = JsonObject & { readonly id: string };

/** What a record says of one package. */
export const affects = (
  ecosystem: string,
  name: string,
  events: readonly JsonObject[],
  more: JsonObject = {},
): JsonObject => ({
  package: { ecosystem, name },
  ranges: [{ type: 'ECOSYSTEM', events: [...events] }],
  ...more,
});

/** A database in a folder of its own. */
export class TestDatabase {
  readonly directory = mkdtempSync(join(tmpdir(), 'kwanus-osv-'));

  /** Writes a record as osv.dev lays it out: `<Ecosystem>/<id>.json`. */
  put(ecosystem: string, ...records: readonly TestRecord[]): this {
    for (const one of records) this.write(`${ecosystem}/${one.id}.json`, JSON.stringify(one));
    return this;
  }

  write(path: string, content: string | Uint8Array): this {
    const file = join(this.directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return this;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A CycloneDX bill of these components. */
export const cycloneDx = (components: readonly Json[], more: JsonObject = {}): BillOfMaterials =>
  bill('cyclonedx', { bomFormat: 'CycloneDX', specVersion: '1.6', components: [...components], ...more });

/** A component with a package URL, `npm/name@1.2.3`. */
export const component = (purl: string, more: JsonObject = {}): JsonObject => ({
  type: 'library',
  name: purl.replace(/^[^/]+\/|@[^@]*$/g, ''),
  purl: `pkg:${purl}`,
  ...more,
});

export const bill = (
  format: BillOfMaterials['format'],
  value: Json | string,
  path = 'sbom.json',
): BillOfMaterials => ({
  path,
  format,
  bytes: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value, null, 1)),
  vex: null,
});

export const withVex = (of: BillOfMaterials, value: Json): BillOfMaterials => ({
  ...of,
  vex: { path: 'vex.json', bytes: Buffer.from(JSON.stringify(value, null, 1)) },
});

/** An OpenVEX document of these statements. */
export const openVex = (...statements: readonly JsonObject[]): JsonObject => ({
  '@context': 'https://openvex.dev/ns/v0.2.0',
  statements: [...statements],
});
