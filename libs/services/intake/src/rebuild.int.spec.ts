import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Projections } from '@kwanus/event-store';
import pg from 'pg';
import { type Intake, startIntake } from './testing/intake-harness.js';
import { seatsOf, Walk } from './testing/walk.js';

/** Every GET under /v1 that intake answers (the stream excepted), filled in with what is there. */
async function everyAnswer(intake: Intake, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { body } = await intake.get<{ paths: Record<string, Record<string, unknown>> }>(
    '/openapi.json',
    'tess',
  );
  const view = await intake.get<{ releases: { files: { digest: string }[] }[] }>(
    `/v1/integrations/${ids[0]}`,
    'ada',
  );
  const digest = view.body.releases[0]?.files[0]?.digest ?? '';
  const answers = new Map<string, string>();
  for (const [template, methods] of Object.entries(body.paths)) {
    if (!('get' in methods) || template === '/v1/stream') continue;
    for (const id of ids)
      for (const as of ['tess', 'ada', 'gus']) {
        const names: Record<string, string> = {
          id,
          kind: 'compatibilityPlan',
          body: 'SCO',
          digest,
          version: '1.0',
        };
        const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => names[name] ?? name);
        const query = template.endsWith('/verify') ? `?integration=${id}` : '';
        const { status, text } = await intake.get(`${path}${query}`, as);
        answers.set(`${as} ${path}${query}`, `${status} ${text}`);
      }
  }
  return answers;
}

describe('read models', () => {
  let intake: Intake;
  let client: pg.Client;
  beforeAll(async () => {
    intake = await startIntake();
    client = new pg.Client({ connectionString: intake.database.url });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await intake.stop();
  });

  it('[DC-3] dropped whole and rebuilt, they give the same answers to the byte', async () => {
    const done = new Walk(intake, 'acme.done');
    await done.through(7);
    const underWay = new Walk(intake, 'acme.open', '1.0.0', done);
    await underWay.through(4);
    const other = new Walk(intake, 'globex.new', '1.0.0', done);
    await other.submit();
    const [seat = ''] = seatsOf('SCO');
    await other.vote({ kind: 'approval', name: 'SCO', body: 'SCO' }, seat, 'reject');
    for (const walk of [done, underWay]) await walk.gates((await walk.trail()).length);
    intake.clock.freeze();
    const ids = ['acme.done', 'acme.open', 'globex.new', 'acme.none'];
    const before = await everyAnswer(intake, ids);
    expect(before.size).toBeGreaterThan(60);
    expect([...before.values()].filter((answer) => answer.startsWith('200')).length).toBeGreaterThan(40);

    await client.query('DROP SCHEMA intake_read CASCADE');
    await intake.http.app.get(Projections, { strict: false }).rebuild();

    const after = await everyAnswer(intake, ids);
    for (const [request, answer] of before) expect([request, after.get(request)]).toEqual([request, answer]);
  }, 60_000);

  it('go on after a rebuild where the log goes on', async () => {
    const walk = new Walk(intake, 'acme.after');
    expect(await walk.submit()).toMatchObject({ status: 200 });
    expect((await walk.missing()).step).toBe(1);
  });
});
