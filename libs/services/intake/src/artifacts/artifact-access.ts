import { type Artifact, ArtifactStore } from '@kwanus/artifacts';
import type { Caller } from '@kwanus/auth';
import { UnitOfWork } from '@kwanus/event-store';
import type { ServiceTable } from '@kwanus/service';
import { Injectable } from '@nestjs/common';

/** Who uploaded what. Outside the log: it says who may read bytes before any release refers to them. */
export const UPLOADS: ServiceTable = {
  name: 'upload',
  create: (table) => `CREATE TABLE IF NOT EXISTS ${table} (
    owner text NOT NULL, digest text NOT NULL, media_type text NOT NULL, size integer NOT NULL, PRIMARY KEY (owner, digest))`,
};

/** What a caller may know of the bytes under a digest. */
export interface KnownArtifact {
  /** 64 hexadecimal digits. */
  readonly digest: string;
  readonly size: number;
  readonly mediaType: string;
}

interface Row {
  readonly digest: string;
  readonly media_type: string;
  /** bigint as decimal text. */
  readonly size: string;
}

const PLATFORM = '';
const ownerOf = ({ partner }: Caller): string => partner ?? PLATFORM;
const inStore = (digest: string): string => `sha256:${digest}`;

/**
 * The artefact store as one caller may see it. A partner reads what it uploaded and what its own releases refer to; that somebody
 * else's bytes are there shows in no answer.
 */
@Injectable()
export class ArtifactAccess {
  constructor(
    private readonly work: UnitOfWork,
    private readonly store: ArtifactStore,
  ) {}

  /** @throws DigestMismatch, ArtifactTooLarge, ArtifactStoreUnavailable */
  async put(
    caller: Caller,
    { digest, mediaType }: Omit<KnownArtifact, 'size'>,
    bytes: Uint8Array,
  ): Promise<KnownArtifact> {
    await this.store.put(inStore(digest), mediaType, bytes);
    const [kept] = await this.work.query<Row>(
      `INSERT INTO intake.upload AS kept (owner, digest, media_type, size) VALUES ($1, $2, $3, $4)
       ON CONFLICT (owner, digest) DO UPDATE SET size = kept.size RETURNING digest, media_type, size`,
      [ownerOf(caller), digest, mediaType, bytes.length],
    );
    return { digest, size: bytes.length, mediaType: kept?.media_type ?? mediaType };
  }

  /** @returns those of the digests that the caller may know of */
  async known(caller: Caller, digests: readonly string[]): Promise<ReadonlyMap<string, KnownArtifact>> {
    const rows = await this.work.query<Row>(
      `SELECT DISTINCT ON (digest) digest, media_type, size FROM (
         SELECT digest, media_type, size, 0 AS rank FROM intake.upload WHERE owner = $1 AND digest = ANY($3)
         UNION ALL
         SELECT digest, media_type, size, 1 FROM intake_read.artifact_reference WHERE (partner = $1 OR $2) AND digest = ANY($3)
         UNION ALL
         SELECT digest, media_type, size, 2 FROM intake.upload WHERE $2 AND digest = ANY($3)
       ) AS found ORDER BY digest, rank, media_type`,
      [ownerOf(caller), caller.partner === null, [...digests]],
    );
    return new Map(
      rows.map(({ digest, media_type, size }) => [
        digest,
        { digest, size: Number(size), mediaType: media_type },
      ]),
    );
  }

  /** @returns the bytes, hashed again, or null when there is nothing that the caller may see */
  async read(caller: Caller, digest: string): Promise<(KnownArtifact & Pick<Artifact, 'bytes'>) | null> {
    const known = (await this.known(caller, [digest])).get(digest);
    if (known === undefined) return null;
    const artifact = await this.store.get(inStore(digest));
    return artifact === null ? null : { ...known, bytes: artifact.bytes };
  }
}
