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
  const releases = summary.releases.map(({ release, step, status }) => [release, step, status]);
  const fixed = [
    id,
    state.partner,
    state.status,
    `${id} ${state.subject}`.toLowerCase(),
    JSON.stringify(summary),
    JSON.stringify(overview),
  ];
  const parts: readonly Part[] = [
    { table: 'integration_release', columns: RELEASE, rows: releases },
    { table: 'open_decision', columns: DATED, rows: decisionRows(overview, id, playbook) },
    { table: 'stewardship_task', columns: DATED, rows: stewardshipRows(overview, id, playbook) },
  ];
  const values: unknown[] = [...fixed];
  const replaced = parts.map((part) => {
    const { sql, lists } = replacing(part, write, values.length + 1);
    values.push(...lists);
    return sql;
  });
  await write.query(
    `WITH ${replaced.join(', ')}
     INSERT INTO ${write.table('integration')} (id, partner, status, search, summary, overview) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (id) DO UPDATE SET partner = excluded.partner, status = excluded.status, search = excluded.search,
       summary = excluded.summary, overview = excluded.overview`,
    values,
  );
}

/** Types by column; the first is the key beside the integration's id. */
const RELEASE = { release: 'text', step: 'integer', status: 'text' };
const DATED = { key: 'text', partner: 'text', body: 'text', sort: 'text', item: 'text' };
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
      return [key, state.partner, body, dueAt ?? NO_DATE, JSON.stringify(item)];
    });
}

const stewardshipRows = (overview: Overview, id: string, playbook: Playbook): Rows =>
  stewardshipOf({ overview, playbook }).map((task) => [
    `${id} ${task.task}`,
    overview.state.partner,
    task.body,
    task.dueAt,
    JSON.stringify(task),
  ]);

/** What an integration has in a table. */
interface Part {
  readonly table: string;
  readonly columns: Readonly<Record<string, string>>;
  readonly rows: Rows;
}

/**
 * Puts the rows of one integration in the place of those that were there. Both parts see the same snapshot: no row is in both, as
 * one takes the keys that are not in the list, and no key is NULL.
 * @param first number of the first list among the statement's parameters; $1 is the integration's id
 * @returns parts of a WITH, and a list for each column
 */
function replacing(
  { table, columns, rows }: Part,
  write: ProjectionWriter,
  first: number,
): { readonly sql: string; readonly lists: readonly (readonly unknown[])[] } {
  const [key = '', ...others] = Object.keys(columns);
  const places = Object.values(columns).map((type, column) => `$${first + column}::${type}[]`);
  const name = write.table(table);
  return {
    sql: `${table}_gone AS (DELETE FROM ${name} WHERE id = $1 AND ${key} <> ALL (${places[0]})),
      ${table}_put AS (INSERT INTO ${name} (id, ${key}, ${others.join(', ')}) SELECT $1, * FROM unnest(${places.join(', ')})
        ON CONFLICT (id, ${key}) DO UPDATE SET ${others.map((other) => `${other} = excluded.${other}`).join(', ')})`,
    lists: Object.keys(columns).map((_, column) => rows.map((row) => row[column])),
  };
}
