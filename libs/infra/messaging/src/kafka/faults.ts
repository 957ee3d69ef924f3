import {
  AccessMismatch,
  TopicMismatch,
  TransportRefused,
  TransportUnavailable,
  UnknownTopic,
} from '../errors.js';
import type { KafkaTransportOptions } from './client.js';

const UNTRUSTED_CERTIFICATE = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_GET_ISSUER_CERT',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_SIGNATURE_FAILURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);
const OTHER_SASL = new Set(['ILLEGAL_SASL_STATE', 'UNSUPPORTED_SASL_MECHANISM']);
const OURS = [AccessMismatch, TopicMismatch, TransportRefused, TransportUnavailable, UnknownTopic];
/** A topic that was made a moment ago: brokers learn of it, and who leads it, after the controller has answered. */
const SETTLING = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE']);
const CLOSED =
  /closed connection|connection closed|socket disconnected|econnreset|wrong version number|eproto/i;

/** What kafkajs's errors carry, whichever they are. */
interface Trait {
  readonly name: string;
  readonly message: string;
  readonly type: string;
  readonly code: string;
}

/**
 * What an error of kafkajs means for the caller: to be waited for, or refused.
 * @param lastRefusal the last answer of a broker that kafkajs logged as an error: of "coordinator not found" the only one that says why
 * @param user as whom the client logs in
 */
export function faultOf(error: unknown, lastRefusal = '', user?: string): Error {
  if (error instanceof Error && OURS.some((kind) => error instanceof kind)) return error;
  const traits = traitsOf(error);
  const refusal = refusalOf(traits, lastRefusal, user);
  if (refusal !== null) return new TransportRefused(refusal, { cause: error });
  const reason = traits.map(({ message }) => message).find((message) => message !== '') ?? lastRefusal;
  return new TransportUnavailable(`The brokers did not do as asked: ${reason}`, { cause: error });
}

/** The same for the first words with the brokers: one that hangs up then wants to be spoken to in another way. */
export function faultAtStart(error: unknown, { brokers, sasl, tls }: KafkaTransportOptions): Error {
  const refusal = faultOf(error, '', sasl?.username);
  if (refusal instanceof TransportRefused) return refusal;
  const reason = traitsOf(error).map(({ message }) => message);
  const how = `${tls === undefined ? 'without' : 'with'} TLS and ${sasl === undefined ? 'without' : 'with'} SASL`;
  if (reason.some((message) => CLOSED.test(message)))
    return new TransportRefused(
      `The brokers at ${brokers.join(', ')} hang up when they are spoken to ${how}. They want TLS, SASL, both or neither: set KWANUS_KAFKA_TLS, KWANUS_KAFKA_USERNAME and KWANUS_KAFKA_PASSWORD as they do.`,
      { cause: error },
    );
  return new TransportUnavailable(
    `No broker of ${brokers.join(', ')} answers ${how}: ${reason[0] ?? String(error)}. Check KWANUS_KAFKA_BROKERS, and that they run.`,
    { cause: error },
  );
}

/**
 * kafkajs waits until a new topic has leaders, but takes a broker that has not heard of it yet for a failure.
 * @returns true where waiting for the brokers' metadata is enough
 */
export const isSettling = (error: unknown): boolean => traitsOf(error).some(({ type }) => SETTLING.has(type));

function refusalOf(traits: readonly Trait[], lastRefusal: string, user: string | undefined): string | null {
  const who = user === undefined ? 'Without a login we' : `The user "${user}"`;
  if (traits.some(({ name }) => name === 'KafkaJSSASLAuthenticationError'))
    return `The brokers refused the login of "${user}" by SASL/SCRAM-SHA-512: the user is unknown, or the password is wrong (KWANUS_KAFKA_USERNAME, KWANUS_KAFKA_PASSWORD).`;
  const certificate = traits.find(({ code }) => UNTRUSTED_CERTIFICATE.has(code));
  if (certificate !== undefined)
    return `The brokers' certificate is not trusted (${certificate.code}). Name the authority that signed it (KWANUS_KAFKA_CA_FILE), or mend the certificate.`;
  if (traits.some(({ type }) => OTHER_SASL.has(type)))
    return 'The brokers take no login by SASL/SCRAM-SHA-512 on this port. Leave KWANUS_KAFKA_USERNAME out, or name their SASL port (KWANUS_KAFKA_BROKERS).';
  const forbidden = traits.find(({ type }) => type.endsWith('AUTHORIZATION_FAILED'));
  if (forbidden !== undefined) return forbiddenText(who, forbidden.message);
  const lost = traits.some(({ name }) => name === 'KafkaJSGroupCoordinatorNotFound');
  return lost && /not authorized/i.test(lastRefusal) ? forbiddenText(who, lastRefusal) : null;
}

const forbiddenText = (who: string, message: string): string =>
  `${who} may not do this: ${message}. Let an operator grant the access rules of this service.`;

function traitsOf(error: unknown): readonly Trait[] {
  if (typeof error !== 'object' || error === null) return [];
  const { name, message, type, code, cause, errors } = error as Record<string, unknown>;
  const own = { name: text(name), message: text(message), type: text(type), code: text(code) };
  const inner = Array.isArray(errors) ? errors.flatMap(traitsOf) : [];
  return [own, ...traitsOf(cause), ...inner];
}

const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';
