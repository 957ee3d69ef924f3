import type pg from 'pg';

const CHUNK = 5_000;

/** Removes what is older than its topic keeps; one process at a time. @returns how many messages went */
export async function removeExpired(pool: pg.Pool): Promise<number> {
  for (let removed = 0; ; ) {
    const { rows } = await pool.query<{ removed: number | null }>(REMOVE_CHUNK, [CHUNK]);
    const chunk = rows[0]?.removed ?? 0;
    removed += chunk;
    if (chunk < CHUNK) return removed;
  }
}

/** Takes the oldest messages of one partition with expired ones, up to a number, and moves the partition's first position along. */
const REMOVE_CHUNK = `
WITH turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(hashtextextended('kwanus bus retention', 0)) AS mine),
expired AS MATERIALIZED (
  SELECT m.topic_id, m.partition, m.position FROM bus.topic t
  JOIN bus.partition p ON p.topic_id = t.id
  CROSS JOIN LATERAL (
    SELECT * FROM bus.message m WHERE m.topic_id = p.topic_id AND m.partition = p.partition
    ORDER BY m.position LIMIT $1) m
  WHERE (SELECT mine FROM turn) AND t.retention_ms >= 0
    AND m.sent_at < clock_timestamp() - make_interval(secs => t.retention_ms / 1000.0)
  LIMIT $1),
upto AS (SELECT topic_id, partition, max(position) AS position FROM expired GROUP BY topic_id, partition),
gone AS (
  DELETE FROM bus.message m USING upto u
  WHERE m.topic_id = u.topic_id AND m.partition = u.partition AND m.position <= u.position RETURNING 1),
moved AS (
  UPDATE bus.partition p SET first_offset = u.position + 1 FROM upto u
  WHERE p.topic_id = u.topic_id AND p.partition = u.partition RETURNING 1)
SELECT count(*)::int AS removed FROM gone`;
