/** Injects the ServiceOptions. */
export const SERVICE_OPTIONS = Symbol('kwanus service options');
/** Injects the Clock of the kernel. */
export const CLOCK = Symbol('kwanus clock');
/** Injects the Identities. */
export const IDENTITIES = Symbol('kwanus identities');
/** Injects the EventLog: chain verification, and what is newest. Everything else of it has a token of its own. */
export const EVENT_LOG = Symbol('kwanus event log');
/** Injects the Relay; null where the log is not relayed. */
export const RELAY = Symbol('kwanus relay');
/** Injects the ServiceDefinition. */
export const SERVICE_DEFINITION = Symbol('kwanus service definition');
