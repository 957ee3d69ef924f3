import { types } from 'node:util';

const { isNativeError } = types;

/** Refusals of the surroundings: one line for a person, exit 2. */
const REFUSALS = new Set([
  'DevelopmentIssuerRefused',
  'IssuerRefused',
  'IdentitiesRefused',
  'TransportUnavailable',
  'TopicMismatch',
  'TransportRefused',
  'LogUnusable',
  'SchemaNewer',
]);

/** @returns the one line that says why a service can't start here; null for a fault of ours */
export function refusalOf(error: unknown, port: number): string | null {
  if (!isNativeError(error)) return null;
  if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE')
    return `Port ${port} is in use. Stop what listens there, or set KWANUS_PORT.`;
  if (REFUSALS.has(error.name)) return error.message;
  return noDatabase(error)
    ? `The database can’t be used: ${sayingOf(error)}. Check KWANUS_DATABASE_URL.`
    : null;
}

/**
 * Nobody answers there, or the connection, the login or the database is refused (PostgreSQL, appendix A: classes 08, 28 and 3D, too
 * many connections, a server that starts or stops).
 */
const NO_DATABASE =
  /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|EAGAIN|EHOSTUNREACH|ENETUNREACH|unavailable|08...|28...|3D...|42501|53300|57P0.)$/;
/** What pg says without a code when a server accepts and says nothing. */
const SILENT = /^(timeout expired|Connection terminated)/;
const noDatabase = (error: NodeJS.ErrnoException): boolean =>
  NO_DATABASE.test(String(error.code ?? '')) ||
  SILENT.test(error.message) ||
  (error.syscall === 'connect' && error.code === 'ENOENT');
/** An address with several IPs fails as a whole, with one error each and no message of its own. */
const sayingOf = (error: Error): string =>
  error instanceof AggregateError ? error.errors.map((one: Error) => one.message).join(', ') : error.message;
