import { SERVICES } from '@kwanus/contracts';
import { openEventLog } from '@kwanus/event-store';
import { systemClock } from '@kwanus/kernel';
import pg from 'pg';
import type { Service, SoakedPlatform } from './platform.js';

/** What the four logs hold, and what is wrong with them. */
export interface LogsReport {
  readonly streams: number;
  readonly events: number;
  readonly wrong: readonly string[];
}

interface Counted {
  readonly n: number;
}

/** How far a consumer has come in another service's stream. */
interface Read {
  readonly consumer: string;
  readonly stream: string;
  readonly version: number;
}

const AT_ONCE = 4;

/**
 * Looks at the databases themselves: every hash chain, versions without a gap, what was parked, and whether each consumer is where the
 * stream that it reads is.
 */
export async function inspectLogs(platform: SoakedPlatform): Promise<LogsReport> {
  const heads = new Map<string, number>();
  const read: Read[] = [];
  const wrong: string[] = [];
  let events = 0;
  for (const service of SERVICES) {
    const found = await inspectLog(service, platform.databaseUrl(`kwanus_${service}`));
    for (const [stream, version] of found.heads) heads.set(stream, version);
    read.push(...found.read);
    events += found.events;
    wrong.push(...found.wrong.map((what) => `${service}: ${what}`));
  }
  for (const { consumer, stream, version } of read)
    if (heads.get(stream) !== version)
      wrong.push(`${consumer} has read ${stream} up to ${version}; it is at ${heads.get(stream)}`);
  return { streams: heads.size, events, wrong };
}

async function inspectLog(
  service: Service,
  url: string,
): Promise<{ heads: Map<string, number>; read: Read[]; events: number; wrong: string[] }> {
  const wrong: string[] = [];
  const sql = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  sql.on('error', () => undefined); // what is under way hears of it
  await sql.connect();
  try {
    const { rows } = await sql.query<{ stream_id: string; version: string; events: string }>(
      `SELECT s.stream_id, s.version, (SELECT count(*) FROM ${service}.es_event e WHERE e.stream_id = s.stream_id) AS events
       FROM ${service}.es_stream s ORDER BY 1`,
    );
    for (const { stream_id: stream, version, events } of rows)
      if (version !== events) wrong.push(`${stream} is at version ${version} and has ${events} events`);
    wrong.push(
      ...(await brokenChains(
        service,
        url,
        rows.map((row) => row.stream_id),
      )),
    );
    const parked = await sql.query<Counted>(`SELECT count(*)::int AS n FROM ${service}.es_parked`);
    if (parked.rows[0]?.n !== 0) wrong.push(`${parked.rows[0]?.n} messages are parked`);
    const positions = await sql.query<{ consumer: string; stream: string; version: number }>(
      `SELECT consumer, stream_id AS stream, version::int FROM ${service}.es_stream_pos`,
    );
    return {
      read: positions.rows,
      heads: new Map(rows.map((row) => [row.stream_id, Number(row.version)])),
      events: rows.reduce((sum, row) => sum + Number(row.events), 0),
      wrong,
    };
  } finally {
    await sql.end();
  }
}

async function brokenChains(service: Service, url: string, streams: readonly string[]): Promise<string[]> {
  const log = openEventLog({
    databaseUrl: url,
    migrationUrl: url,
    schema: service,
    clock: systemClock,
    background: false,
    poolSize: AT_ONCE,
  });
  const broken: string[] = [];
  const left = [...streams];
  const work = async (): Promise<void> => {
    for (let stream = left.pop(); stream !== undefined; stream = left.pop()) {
      const { ok, fault } = await log.verifyStream(stream);
      if (!ok) broken.push(`the chain of ${stream} breaks at ${fault?.version}: ${fault?.reason}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await log.stop();
  return broken;
}
