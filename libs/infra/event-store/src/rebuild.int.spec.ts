import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { appendTo, eventually, type LogFixture, logFixture } from '@kwanus/testing-infra';
import type { EventLog, Projection } from './index.js';

const STREAM = 'integration-a.b';
/** As Generations takes it while it changes what is served. */
const SWITCH_LOCK = "pg_advisory_xact_lock(hashtextextended('kwanus:intake:projection:counts', 0))";

describe('the switch to a rebuilt projection', () => {
  let fixture: LogFixture;
  let serving: EventLog;
  let building: EventLog;
  let hold: (generation: number, version: number) => Promise<void>;
  beforeEach(async () => {
    fixture = await logFixture();
    hold = async () => undefined;
    const prepare = ({ projections }: EventLog): void => projections.register(counts());
    serving = await fixture.open({ background: true, pollMs: 20, prepare });
    building = await fixture.open({ prepare });
  });
  afterEach(() => fixture.close());

  const counts = (): Projection => ({
    name: 'counts',
    version: 1,
    tables: {
      stream_count: (name) => `CREATE TABLE ${name} (stream_id text PRIMARY KEY, events bigint NOT NULL)`,
    },
    apply: async ({ streamId, version }, write) => {
      const table = write.table('stream_count');
      await hold(Number(/_g(\d+)/.exec(table)?.[1]), version);
      await write.query(
        `INSERT INTO ${table} AS c (stream_id, events) VALUES ($1, 1) ON CONFLICT (stream_id) DO UPDATE SET events = c.events + 1`,
        [streamId],
      );
    },
  });
  const append = async (): Promise<void> => {
    const { version } = await serving.store.append(appendTo(STREAM));
    await serving.projections.waitFor(STREAM, version, 20_000);
  };
  const shown = () => building.work.query('SELECT events FROM intake_read.stream_count');

  /** Stops a rebuild before its switch, lets something happen, then lets it go on. */
  async function beforeSwitch(
    happen: () => Promise<void>,
  ): Promise<{ rebuilt: Promise<void>; goOn: () => Promise<void> }> {
    let begun = false;
    hold = async (generation) => {
      begun ||= generation === 2;
    };
    const blocker = await fixture.admin.connect();
    const rebuilt = building.projections.rebuild();
    await eventually(() => begun);
    await blocker.query('BEGIN');
    await blocker.query(`SELECT ${SWITCH_LOCK}`);
    await eventually(async () => {
      const { rows } = await fixture.admin.query(
        "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
      );
      return rows.length > 0;
    });
    await happen();
    return {
      rebuilt,
      goOn: async () => {
        await blocker.query('COMMIT');
        blocker.release();
      },
    };
  }

  it('waits until the new one holds what the old one has come to meanwhile', async () => {
    await append();
    const { rebuilt, goOn } = await beforeSwitch(async () => {
      await append();
      await serving.stop();
    });
    await goOn();
    await rebuilt;
    expect(await shown()).toEqual([{ events: '2' }]);
  });

  it('lets the old one stand still while the new one catches up', async () => {
    await append();
    const { rebuilt, goOn } = await beforeSwitch(append);
    let still: unknown[] | null = null;
    hold = async (generation, version) => {
      if (generation !== 2 || version !== 2) return;
      const { rows } = await fixture.admin.query(
        "SELECT version FROM intake.es_checkpoint WHERE subscriber = 'projection:counts' AND version = 1 FOR UPDATE SKIP LOCKED",
      );
      still = rows;
    };
    await goOn();
    await rebuilt;
    expect(still).toEqual([]);
    expect(await shown()).toEqual([{ events: '2' }]);
  });
});
