export { type Artifact, type ArtifactDescription, ArtifactStore } from './artifact-store.port.js';
export {
  ArtifactCorrupt,
  ArtifactStoreUnavailable,
  ArtifactTooLarge,
  DigestInvalid,
  DigestMismatch,
} from './errors.js';
export { migrateArtifacts } from './migrate.js';
export {
  ARTIFACT_LIMIT,
  digestOf,
  PostgresArtifactStore,
  type PostgresArtifactStoreOptions,
} from './postgres-artifact-store.js';
