import type { Playbook } from '@kwanus/domain-playbook';
import type { Projection, ProjectionWriter, StoredEvent } from '@kwanus/event-store';
import type { OpenDecision } from '../decision-queue/decision-queue.query.js';
import { integrationOf } from '../integration-streams.js';
import type { Playbooks } from '../playbooks/playbooks.js';
import { waitingDecisions } from '../views/decisions.js';
import { summaryOf } from '../views/integration-view.js';
import { stewardshipOf } from '../views/records.js';
import { newestFirst } from '../views/shown.js';
import { evolveOverview, NOTHING_YET, type Overview } from './overview.js';

const BY_PARTNER_AND_TIME =
  'partner text NOT NULL, body text NOT NULL, sort text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, item text NOT NULL';

const TABLES: Projection['tables'] = {
  integration: (table) =>
    `CREATE TABLE ${table} (id text COLLATE "C" PRIMARY KEY, partner text NOT NULL, status text NOT NULL, search text NOT NULL,
       summary text NOT NULL, overview text NOT NULL)`,
  integration_release: (table) =>
    `CREATE TABLE ${table} (id text NOT NULL, release text NOT NULL, step integer NOT NULL, status text NOT NULL, PRIMARY KEY (id, release))`,
  open_decision: (table) =>
    `CREATE TABLE ${table} (id text NOT NULL, ${BY_PARTNER_AND_TIME}, PRIMARY KEY (id, key))`,
  stewardship_task: (table) =>
    `CREATE TABLE ${table} (id text NOT NULL, ${BY_PARTNER_AND_TIME}, PRIMARY KEY (id, key))`,
};

/** Sorts after every date: what has no due date comes last. */
const NO_DATE = '9999';

/**
 * The integrations as the aggregate's own `evolve` leaves them, and what is looked for across them: releases by step, decisions that
 * wait, annual tasks. Nothing in it depends on the moment of reading.
 */
export const integrations = (playbooks: Playbooks): Projection => ({
  name: 'integrations',
  version: 3,
  tables: TABLES,
  apply: async (event, write) => {
    const id = integrationOf(event.streamId);
    if (id === null) return;
    const overview = evolveOverview(await before(event, id, write), event);
    if (overview.state.proposed) await keep(overview, id, playbooks, write);
  },
});

async function before({ version }: StoredEvent, id: string, write: ProjectionWriter): Promise<Overview> {
  if (version === 1) return NOTHING_YET;
  const [row] = await write.query<{ overview: string }>(
    `SELECT overview FROM ${write.table('integration')} WHERE id = $1`,
    [id],
  );
  return row === undefined ? NOTHING_YET : (JSON.parse(row.overview) as Overview);
}

async function keep(
  overview: Overview,
  id: string,
  playbooks: Playbooks,
  write: ProjectionWriter,
): Promise<void> {
  const { state } = overview;
  const playbook = playbooks.of(state.playbook);
  const summary = summaryOf(overview, playbook);
  await write.query(
    `INSERT INTO ${write.table('integration')} (id, partner, status, search, summary, overview) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (id) DO UPDATE SET partner = excluded.partner, status = excluded.status, search = excluded.search,
       summary = excluded.summary, overview = excluded.overview`,
    [
      id,
      state.partner,
      state.status,
      `${id} ${state.subject}`.toLowerCase(),
      JSON.stringify(summary),
      JSON.stringify(overview),
    ],
  );
  const releases = summary.releases.map(({ release, step, status }) => [release, step, status]);
  await replace('integration_release', id, write, { columns: ['release', 'step', 'status'], rows: releases });
  await replace('open_decision', id, write, { columns: DATED, rows: decisionRows(overview, id, playbook) });
  await replace('stewardship_task', id, write, {
    columns: DATED,
    rows: stewardshipRows(overview, id, playbook),
  });
}

const DATED = ['partner', 'body', 'sort', 'key', 'item'];
type Rows = readonly (readonly unknown[])[];

function decisionRows(overview: Overview, id: string, playbook: Playbook): Rows {
  const { state, updatedAt } = overview;
  return newestFirst(state)
    .flatMap((release) => waitingDecisions({ overview, playbook }, release))
    .map(({ release, requirement, kind, name, title, body, openedAt, dueAt }) => {
      const item: OpenDecision = {
        integrationId: id,
        partner: state.partner,
        release,
        requirement,
        kind,
        name,
        title,
        body,
        openedAt: openedAt ?? updatedAt,
        dueAt,
      };
      const key = `${id} ${release} ${requirement} ${body}`;
      return [state.partner, body, dueAt ?? NO_DATE, key, JSON.stringify(item)];
    });
}

const stewardshipRows = (overview: Overview, id: string, playbook: Playbook): Rows =>
  stewardshipOf({ overview, playbook }).map((task) => [
    overview.state.partner,
    task.body,
    task.dueAt,
    `${id} ${task.task}`,
    JSON.stringify(task),
  ]);

/** Puts the rows of one integration in the place of those that were there. */
async function replace(
  table: string,
  id: string,
  write: ProjectionWriter,
  { columns, rows }: { readonly columns: readonly string[]; readonly rows: Rows },
): Promise<void> {
  await write.query(`DELETE FROM ${write.table(table)} WHERE id = $1`, [id]);
  if (rows.length === 0) return;
  const places = rows.map(
    (row, index) => `($1, ${row.map((_, column) => `$${index * columns.length + column + 2}`).join(', ')})`,
  );
  await write.query(
    `INSERT INTO ${write.table(table)} (id, ${columns.join(', ')}) VALUES ${places.join(', ')}`,
    [id, ...rows.flat()],
  );
}
