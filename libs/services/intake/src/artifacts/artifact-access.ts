import { ARTIFACT_LIMIT, type Artifact, ArtifactStore } from '@kwanus/artifacts';
import type { Caller } from '@kwanus/auth';
import { UnitOfWork } from '@kwanus/event-store';
import { HttpProblem } from '@kwanus/http';
import type { Clock } from '@kwanus/kernel';
import { CLOCK, type ServiceTable } from '@kwanus/service';
import { Inject, Injectable } from '@nestjs/common';

/** Who uploaded what. Outside the log: it says who may read bytes before any release refers to them. */
export const UPLOADS: ServiceTable = {
  name: 'upload',
  create: (table) => `CREATE TABLE IF NOT EXISTS ${table} (
    owner text NOT NULL, digest text NOT NULL, media_type text NOT NULL, size integer NOT NULL, PRIMARY KEY (owner, digest));
    ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS uploaded_at timestamptz NOT NULL DEFAULT 'epoch'`,
};

/** Twenty artefacts of the largest size: several submissions, and a bound on what nobody ever names. */
const UNNAMED_LIMIT = 20 * ARTIFACT_LIMIT;
const UNNAMED_FOR_MS = 24 * 60 * 60 * 1_000;

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
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Keeps the bytes for the caller. A partner may have at most 500 MB of the last 24 hours that no release of its own names.
   * @throws HttpProblem rate-limited; DigestMismatch, ArtifactTooLarge, ArtifactStoreUnavailable
   */
  async put(
    caller: Caller,
    { digest, mediaType }: Omit<KnownArtifact, 'size'>,
    bytes: Uint8Array,
  ): Promise<KnownArtifact> {
    const now = this.clock.now();
    await this.checkUnnamed(ownerOf(caller), digest, bytes.length, now);
    await this.store.put(inStore(digest), mediaType, bytes);
    const [kept] = await this.work.query<Row>(
      `INSERT INTO intake.upload AS kept (owner, digest, media_type, size, uploaded_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (owner, digest) DO UPDATE SET size = kept.size RETURNING digest, media_type, size`,
      [ownerOf(caller), digest, mediaType, bytes.length, new Date(now)],
    );
    return { digest, size: bytes.length, mediaType: kept?.media_type ?? mediaType };
  }

  private async checkUnnamed(owner: string, digest: string, size: number, now: number): Promise<void> {
    if (owner === PLATFORM) return;
    const [unnamed] = await this.work.query<{ readonly bytes: string; readonly oldest: Date | null }>(
      `SELECT coalesce(sum(size), 0)::text AS bytes, min(uploaded_at) AS oldest FROM intake.upload AS upload
       WHERE owner = $1 AND digest <> $2 AND uploaded_at > $3 AND NOT EXISTS (
         SELECT FROM intake_read.artifact_reference AS named WHERE named.partner = owner AND named.digest = upload.digest)`,
      [owner, digest, new Date(now - UNNAMED_FOR_MS)],
    );
    if (Number(unnamed?.bytes ?? 0) + size <= UNNAMED_LIMIT) return;
    throw new HttpProblem(
      'rate-limited',
      `No release names ${unnamed?.bytes ?? 0} bytes that you uploaded within 24 hours; at most ${UNNAMED_LIMIT} may wait so. Submit what you uploaded, or upload less.`,
      {
        retryAfter: Math.ceil(((unnamed?.oldest ?? new Date(now)).getTime() + UNNAMED_FOR_MS - now) / 1_000),
      },
    );
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
