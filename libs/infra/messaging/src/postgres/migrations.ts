/** What the schema `bus` is made of, in order. A migration that has been released is never edited. */
export const MIGRATIONS: readonly { readonly name: string; readonly sql: string }[] = [
  {
    name: '001-topics',
    sql: `
CREATE TABLE bus.topic (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  partitions integer NOT NULL CHECK (partitions BETWEEN 1 AND 1000),
  retention_ms bigint NOT NULL CHECK (retention_ms >= -1)
);
-- One counter row a partition. It stays locked until the sender commits, so that nobody sees a later offset before an earlier one.
CREATE TABLE bus.partition (
  topic_id integer NOT NULL REFERENCES bus.topic,
  partition integer NOT NULL,
  first_offset bigint NOT NULL DEFAULT 0,
  next_offset bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (topic_id, partition)
) WITH (fillfactor = 50);
CREATE TABLE bus.message (
  topic_id integer NOT NULL,
  partition integer NOT NULL,
  position bigint NOT NULL,
  sent_at timestamptz NOT NULL,
  key bytea,
  headers text NOT NULL,
  body bytea,
  PRIMARY KEY (topic_id, partition, position)
);
CREATE FUNCTION bus.send(p_topic integer, p_partitions integer[], p_keys bytea[], p_headers text[], p_bodies bytea[])
RETURNS TABLE (sent_partition integer, next bigint) LANGUAGE plpgsql AS $$
DECLARE
  part record;
BEGIN
  FOR part IN SELECT u.p, count(*) AS n FROM unnest(p_partitions) AS u(p) GROUP BY u.p ORDER BY u.p LOOP
    UPDATE bus.partition c SET next_offset = c.next_offset + part.n
      WHERE c.topic_id = p_topic AND c.partition = part.p RETURNING c.next_offset INTO STRICT next;
    INSERT INTO bus.message (topic_id, partition, position, sent_at, key, headers, body)
      SELECT p_topic, part.p, next - part.n + row_number() OVER (ORDER BY i.nr) - 1, clock_timestamp(), i.k, i.h, i.b
      FROM unnest(p_partitions, p_keys, p_headers, p_bodies) WITH ORDINALITY AS i(p, k, h, b, nr) WHERE i.p = part.p;
    sent_partition := part.p;
    RETURN NEXT;
  END LOOP;
END $$;`,
  },
  {
    name: '002-groups',
    sql: `
CREATE SEQUENCE bus.instance AS integer CYCLE;
CREATE TABLE bus.member (
  id uuid PRIMARY KEY,
  group_name text NOT NULL,
  topics integer[] NOT NULL,
  instance integer NOT NULL,
  lease_until timestamptz NOT NULL
);
CREATE INDEX ON bus.member (group_name);
-- Who reads what. The generation rises whenever the holder changes; a commit under an older one changes nothing.
CREATE TABLE bus.holding (
  group_name text NOT NULL,
  topic_id integer NOT NULL,
  partition integer NOT NULL,
  position bigint,
  member uuid,
  generation bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (group_name, topic_id, partition)
) WITH (fillfactor = 50);
-- Renews the member, buries dead ones (lease over, or session gone), takes what falls to the member and is free.
-- Partition p of a topic falls to the member of rank p mod n: every member computes the same.
CREATE FUNCTION bus.tend(p_group text, p_member uuid, p_topics integer[], p_instance integer, p_lease interval)
RETURNS TABLE (held_topic integer, held_partition integer, held_generation bigint, held_position bigint, wanted boolean)
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('kwanus bus group ' || p_group, 0));
  INSERT INTO bus.member AS m (id, group_name, topics, instance, lease_until)
    VALUES (p_member, p_group, p_topics, p_instance, clock_timestamp() + p_lease)
    ON CONFLICT (id) DO UPDATE SET lease_until = excluded.lease_until;
  DELETE FROM bus.member m WHERE m.group_name = p_group AND m.id <> p_member
    AND (m.lease_until < clock_timestamp() OR NOT EXISTS (
      SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND l.granted
        AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
        AND l.classid = 1802658416 AND l.objid = m.instance::oid));
  INSERT INTO bus.holding (group_name, topic_id, partition)
    SELECT p_group, p.topic_id, p.partition FROM bus.partition p
    WHERE p.topic_id = ANY (p_topics)
      AND NOT EXISTS (SELECT FROM bus.holding h
        WHERE h.group_name = p_group AND h.topic_id = p.topic_id AND h.partition = p.partition);
  UPDATE bus.holding h SET member = p_member, generation = h.generation + 1
    WHERE h.group_name = p_group AND h.topic_id = ANY (p_topics)
      AND (h.member IS NULL OR NOT EXISTS (SELECT FROM bus.member m WHERE m.id = h.member))
      AND bus.falls_to(p_group, h.topic_id, h.partition) = p_member;
  RETURN QUERY SELECT h.topic_id, h.partition, h.generation, h.position,
      bus.falls_to(p_group, h.topic_id, h.partition) = p_member
    FROM bus.holding h WHERE h.group_name = p_group AND h.member = p_member;
END $$;
CREATE FUNCTION bus.falls_to(p_group text, p_topic integer, p_partition integer) RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT a.ids[1 + p_partition % cardinality(a.ids)]
  FROM (SELECT array_agg(m.id ORDER BY m.id) AS ids FROM bus.member m
        WHERE m.group_name = p_group AND p_topic = ANY (m.topics)) a
$$;`,
  },
];
