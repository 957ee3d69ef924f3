import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ScannedDatabase } from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';
import { archivedFiles } from './archive.js';
import { normalisedName } from './purl.js';
import { type Affected, type OsvRecord, readRecord, type Wanted } from './record.js';

/** A record, and what it says about one of the packages that were asked for. */
export interface Hit {
  readonly record: OsvRecord;
  readonly affected: Affected;
}

/** What was read of an ecosystem. */
export interface EcosystemReading {
  readonly database: ScannedDatabase;
  /** By the name of the package, in the form in which it is looked up. */
  readonly hits: ReadonlyMap<string, readonly Hit[]>;
}

/** The records of an ecosystem can't be used. The message is a sentence. */
export class DatabaseUnusable extends Error {
  override readonly name = 'DatabaseUnusable';
}

const LARGEST_RECORD = 16 * 1024 * 1024;
const ARCHIVE = 'all.zip';

/**
 * Reads every record of an ecosystem once, in osv.dev's layout: `<Ecosystem>/all.zip`, or one JSON file a record. Only what
 * is said about the packages is kept.
 * @throws DatabaseUnusable a folder that is missing or empty, an archive or a record that can't be read
 */
export async function readEcosystem(
  directory: string,
  ecosystem: string,
  names: ReadonlySet<string>,
): Promise<EcosystemReading> {
  const collector = new Collector(ecosystem, names);
  const folder = join(directory, ecosystem);
  const files = filesIn(folder, ecosystem);
  if (files.includes(ARCHIVE)) await readArchive(join(folder, ARCHIVE), ecosystem, collector);
  else
    for (const file of files.filter((name) => name.endsWith('.json')))
      collector.add(file, contentOf(join(folder, file), `${ecosystem}/${file}`));
  return collector.reading();
}

function filesIn(folder: string, ecosystem: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    throw new DatabaseUnusable(`The database holds nothing about ${ecosystem}.`);
  }
}

function contentOf(path: string, name: string): Buffer {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(path, 'r');
    const { size } = fstatSync(descriptor);
    if (size <= LARGEST_RECORD) return readFileSync(descriptor);
  } catch {
    throw new DatabaseUnusable(`${name} can’t be read.`);
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
  throw new DatabaseUnusable(`${name} is larger than a record may be.`);
}

async function readArchive(path: string, ecosystem: string, collector: Collector): Promise<void> {
  try {
    for await (const [name, content] of archivedFiles(path, LARGEST_RECORD))
      if (name.endsWith('.json')) collector.add(name, content);
  } catch (error) {
    if (error instanceof DatabaseUnusable) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new DatabaseUnusable(`${ecosystem}/${ARCHIVE} can’t be read: ${why}.`);
  }
}

/** What is kept while records go by. */
class Collector {
  readonly #digests: string[] = [];
  readonly #hits = new Map<string, Hit[]>();
  readonly #wanted: Wanted;
  #newest: string | null = null;

  constructor(
    private readonly ecosystem: string,
    names: ReadonlySet<string>,
  ) {
    this.#wanted = { ecosystem, has: (name) => names.has(normalisedName(ecosystem, name)) };
  }

  add(file: string, content: Buffer): void {
    this.#digests.push(`${file} ${createHash('sha256').update(content).digest('hex')}`);
    const record = readRecord(jsonOf(content, `${this.ecosystem}/${file}`), this.#wanted);
    if (record === null) throw new DatabaseUnusable(`${this.ecosystem}/${file} is no OSV record.`);
    if (this.#newest === null || Date.parse(record.modified) > Date.parse(this.#newest))
      this.#newest = record.modified;
    if (record.withdrawn) return;
    for (const affected of record.affected) {
      const name = normalisedName(this.ecosystem, affected.name);
      const known = this.#hits.get(name);
      if (known === undefined) this.#hits.set(name, [{ record, affected }]);
      else known.push({ record, affected });
    }
  }

  reading(): EcosystemReading {
    if (this.#digests.length === 0)
      throw new DatabaseUnusable(`The database holds no record about ${this.ecosystem}.`);
    const digest = createHash('sha256').update(this.#digests.sort().join('\n')).digest('hex');
    const { ecosystem } = this;
    return {
      database: { ecosystem, digest, records: this.#digests.length, newestModified: this.#newest },
      hits: this.#hits,
    };
  }
}

function jsonOf(content: Buffer, name: string): Json {
  try {
    return JSON.parse(content.toString('utf8')) as Json;
  } catch {
    throw new DatabaseUnusable(`${name} is not JSON.`);
  }
}
