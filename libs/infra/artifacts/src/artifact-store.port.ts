/** What the store says about the bytes under a digest. */
export interface ArtifactDescription {
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  readonly size: number;
  readonly mediaType: string;
}

/** An artefact as read: its bytes were hashed again on the way out. */
export interface Artifact extends ArtifactDescription {
  readonly bytes: Uint8Array;
}

/**
 * Documents, contracts, bundles: content-addressed and write-once. Infrastructure like the broker, with a connection of its own,
 * never the append's transaction: artefact first, then the event.
 */
export abstract class ArtifactStore {
  /**
   * Keeps the bytes under their digest; keeping the same bytes again is no error and changes nothing.
   * @param digest what the caller says that it is
   * @throws DigestMismatch, DigestInvalid, ArtifactTooLarge, ArtifactStoreUnavailable
   */
  abstract put(digest: string, mediaType: string, bytes: Uint8Array): Promise<ArtifactDescription>;
  /** @returns null when nothing is kept under the digest. @throws ArtifactCorrupt when the bytes no longer have it */
  abstract get(digest: string): Promise<Artifact | null>;
  /** @returns which of the digests are not kept yet, in the order given */
  abstract missing(digests: readonly string[]): Promise<readonly string[]>;
}
