export { canonicalJson, NotCanonical } from './canonical-json.js';
export {
  eventHash,
  HASH_ALGORITHM,
  type HashedEvent,
  lengthPrefixed,
  microseconds,
  NO_HASH,
  sha256Hex,
} from './event-hash.js';
export { assertStorable, NotStorable } from './storable.js';
export { isUuid, KWANUS_NAMESPACE, uuidv5, uuidv7 } from './uuid.js';
