import { createHash } from 'node:crypto';
import pg from 'pg';
import { type Artifact, type ArtifactDescription, ArtifactStore } from './artifact-store.port.js';
import {
  ArtifactCorrupt,
  ArtifactStoreUnavailable,
  ArtifactTooLarge,
  DigestInvalid,
  DigestMismatch,
} from './errors.js';

/** The largest artefact that is taken when nothing else is said. */
export const ARTIFACT_LIMIT = 25_000_000;

export interface PostgresArtifactStoreOptions {
  /** A role that may SELECT and INSERT. */
  readonly url: string;
  /** Default 25 MB. */
  readonly limitBytes?: number;
  /** Connections at once; default 4. */
  readonly connections?: number;
}

/** What is read at once: to take much more out of an answer of the database would keep the process from everything else. */
const SLICE_BYTES = 4 * 1024 * 1024;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const MEDIA_TYPE = /^[\x20-\x7e]{1,200}$/;

interface Row {
  readonly digest: string;
  readonly media_type: string;
  readonly size: number;
  readonly bytes: Buffer;
}

/** The artefact store in PostgreSQL: schema `artifacts`, a pool of its own, rows that are inserted and never changed. */
export class PostgresArtifactStore extends ArtifactStore {
  readonly #pool: pg.Pool;
  readonly #limit: number;

  constructor({ url, limitBytes = ARTIFACT_LIMIT, connections = 4 }: PostgresArtifactStoreOptions) {
    super();
    this.#limit = limitBytes;
    this.#pool = new pg.Pool({
      connectionString: url,
      max: connections,
      application_name: 'kwanus artifacts',
      connectionTimeoutMillis: 5_000,
      statement_timeout: 10_000,
    });
    // An idle connection that breaks is replaced at the next query, which then says so itself if it can't be.
    this.#pool.on('error', () => undefined);
    // While a connection changes hands the pool does not listen: its end would end the process.
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  async put(digest: string, mediaType: string, bytes: Uint8Array): Promise<ArtifactDescription> {
    checkDigest(digest);
    if (!MEDIA_TYPE.test(mediaType))
      throw new DigestInvalid('A media type is 1 to 200 printable ASCII characters.');
    if (bytes.length > this.#limit)
      throw new ArtifactTooLarge(`The artefact has ${bytes.length} bytes; at most ${this.#limit} are kept.`);
    const actual = digestOf(bytes);
    if (actual !== digest) throw new DigestMismatch(digest, actual);
    const [kept] = await this.#query<Pick<Row, 'media_type'>>(
      `WITH put AS (
         INSERT INTO artifacts.artifact (digest, media_type, size, bytes) VALUES ($1, $2, $3, $4)
         ON CONFLICT (digest) DO NOTHING RETURNING media_type)
       SELECT media_type FROM put UNION ALL SELECT media_type FROM artifacts.artifact WHERE digest = $1 LIMIT 1`,
      [digest, mediaType, bytes.length, bytes],
    );
    return { digest, size: bytes.length, mediaType: kept?.media_type ?? mediaType };
  }

  async get(digest: string): Promise<Artifact | null> {
    checkDigest(digest);
    const hash = createHash('sha256');
    const slices: Buffer[] = [];
    for (let from = 0; ; from += SLICE_BYTES) {
      const [row] = await this.#query<Omit<Row, 'digest'>>(
        `SELECT media_type, size, substring(bytes FROM $2 FOR ${SLICE_BYTES}) AS bytes
         FROM artifacts.artifact WHERE digest = $1`,
        [digest, from + 1],
      );
      if (row === undefined) return null;
      hash.update(row.bytes);
      slices.push(row.bytes);
      if (row.bytes.length === SLICE_BYTES) continue;
      const actual = `sha256:${hash.digest('hex')}`;
      if (actual !== digest) throw new ArtifactCorrupt(`What is kept as ${digest} has the digest ${actual}.`);
      return { digest, size: row.size, mediaType: row.media_type, bytes: Buffer.concat(slices) };
    }
  }

  async missing(digests: readonly string[]): Promise<readonly string[]> {
    digests.forEach(checkDigest);
    const rows = await this.#query<Pick<Row, 'digest'>>(
      'SELECT digest FROM artifacts.artifact WHERE digest = ANY($1)',
      [digests],
    );
    const kept = new Set(rows.map(({ digest }) => digest));
    return digests.filter((digest) => !kept.has(digest));
  }

  /** Ends the connections. */
  close(): Promise<void> {
    return this.#pool.end();
  }

  async #query<Result extends object>(sql: string, parameters: readonly unknown[]): Promise<Result[]> {
    try {
      const { rows } = await this.#pool.query<Result & pg.QueryResultRow>(sql, [...parameters]);
      return rows;
    } catch (cause) {
      throw new ArtifactStoreUnavailable('The artefact store can’t be reached.', { cause });
    }
  }
}

function checkDigest(digest: string): void {
  if (!DIGEST.test(digest))
    throw new DigestInvalid('A digest is `sha256:` and 64 lower-case hexadecimal digits.');
}

/** @returns the digest of bytes as it stands in events: `sha256:` and 64 hexadecimal digits */
export const digestOf = (bytes: Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
