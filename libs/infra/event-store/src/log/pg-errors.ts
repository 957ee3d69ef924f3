import { CommandReused, PayloadRefused, Unavailable, VersionConflict } from '../errors.js';

/** What PostgreSQL or the driver said, wherever it stands in the chain of causes. */
interface DriverError {
  readonly code?: string;
  readonly detail?: string;
  readonly constraint?: string;
  readonly message?: string;
}

const RETRIED = new Set(['40001', '40P01']);
const GONE =
  /^(08...|57P0[1-5]|53...|25P0[34]|57014|55P03|58...|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EAGAIN|ENOENT)$/;
/** What the drivers say without a code, from its first word on: the text of a fault of ours must not be taken for it. */
const GONE_WORDS =
  /^(Connection terminated|timeout expired|timeout exceeded when trying to connect|Query read timeout|Client (was closed|has encountered a connection error)|Cannot use a pool after calling end|Query runner already released|Driver not Connected|Connection with postgres database is not established)/;

/** @returns what the driver threw, out of TypeORM's wrapping */
function driverError(error: unknown): DriverError {
  if (typeof error !== 'object' || error === null) return {};
  const { driverError: inner } = error as { driverError?: unknown };
  return (typeof inner === 'object' && inner !== null ? inner : error) as DriverError;
}

/** @returns whether the whole unit of work may simply be tried again */
export const isTransient = (error: unknown): boolean =>
  error instanceof VersionConflict || RETRIED.has(driverError(error).code ?? '');

/** @returns whether the ordering guard fired */
export const isGuard = (error: unknown): boolean => driverError(error).constraint === 'es_guard';

/** @returns whether the database could not be reached or did not answer in time; ask only about what a driver threw */
function isGone(error: unknown): boolean {
  const { code, message } = driverError(error);
  if (code !== undefined) return GONE.test(code);
  return message !== undefined && GONE_WORDS.test(message);
}

/** @returns Unavailable for what a driver threw because the database is absent or busy, anything else as it is */
export function asUnavailable(error: unknown): unknown {
  if (error instanceof Unavailable || !isGone(error)) return error;
  return new Unavailable('The database can’t be reached or did not answer in time.', { cause: error });
}

/** Which append failed. */
interface FailedAppend {
  readonly streamId: string;
  readonly commandId: string;
  readonly expected: string;
}

/** @returns the error of the port for what the append's SQL raised */
export function appendError(error: unknown, { streamId, commandId, expected }: FailedAppend): unknown {
  const { code, detail } = driverError(error);
  if (code === 'KWVER') return new VersionConflict(streamId, expected, Number(detail), { cause: error });
  if (code === 'KWCMD') return new CommandReused(streamId, commandId, { cause: error });
  if (code === '23514')
    return new PayloadRefused('/events', 'has data of more than 256 KiB.', { cause: error });
  return error;
}
