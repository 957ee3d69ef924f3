export { type Decider, fold } from './decider.js';
export { type DurationParts, durationMilliseconds, durationParts, millisecondsOf } from './duration.js';
export type { Json, JsonObject } from './json.js';
export { DomainRejection, isDomainRejection, type Missing } from './rejection.js';
export { type Clock, systemClock, type Timestamp } from './time.js';
