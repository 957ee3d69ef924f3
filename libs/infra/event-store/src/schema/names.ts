import { LogUnusable } from '../errors.js';

/** The quoted names of one log in the database. */
export interface LogNames {
  /** Plain: `intake`. */
  readonly schema: string;
  /** Plain: `intake_read`. */
  readonly readSchema: string;
  /** Quoted. */
  readonly quoted: string;
  readonly quotedRead: string;
  /** Channel of NOTIFY. */
  readonly channel: string;
  /** Begins the text of every advisory lock of this log. */
  readonly lockPrefix: string;
}

const PLAIN = /^[a-z][a-z0-9_]{0,40}$/;

/** @returns the names of the log in that schema. @throws LogUnusable when it is no plain lower-case name */
export function logNames(schema: string): LogNames {
  if (!PLAIN.test(schema))
    throw new LogUnusable(
      'bad-name',
      `A log's schema is a plain lower-case name of at most 41 characters: ${schema}`,
    );
  const readSchema = `${schema}_read`;
  return {
    schema,
    readSchema,
    quoted: quoteName(schema),
    quotedRead: quoteName(readSchema),
    channel: `kwanus_log_${schema}`,
    lockPrefix: `kwanus:${schema}:`,
  };
}

/** @returns the name as SQL takes it */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** @returns the text as an SQL literal */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
