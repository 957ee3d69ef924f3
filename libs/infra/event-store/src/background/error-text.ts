const LONGEST = 4_000;

/** @returns what is written beside a job or a due date that failed: PostgreSQL keeps no U+0000, and an error may quote one */
export const errorText = (error: unknown): string =>
  String(error).slice(0, LONGEST).replaceAll('\0', '\uFFFD');
