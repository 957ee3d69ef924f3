export { type Artifact, type ArtifactDescription, ArtifactStore } from './artifact-store.port.js';
export {
  ArtifactCorrupt,
  ArtifactStoreUnavailable,
  ArtifactTooLarge,
  DigestInvalid,
  DigestMismatch,
} from './errors.js';
