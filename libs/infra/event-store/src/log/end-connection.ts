import type pg from 'pg';

const GOODBYE_MS = 2_000;

/** Says goodbye to the server. One that accepts and says nothing (frozen, or cut off) is left after a moment. */
export async function endConnection(client: pg.Client | null | undefined): Promise<void> {
  if (client === null || client === undefined) return;
  const left = setTimeout(() => client.connection.stream.destroy(), GOODBYE_MS);
  await client.end().catch(() => undefined);
  clearTimeout(left);
}
