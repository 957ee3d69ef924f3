import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Intake, startIntake } from './testing/intake-harness.js';
import { submissionFiles, uploaded } from './testing/submission.js';
import { Walk } from './testing/walk.js';

interface Route {
  readonly method: string;
  readonly path: string;
}
interface Names {
  readonly [parameter: string]: string;
}

const OWN = 'acme.orders';
/** As long as the other, so that answers have the same length. */
const MISSING = 'acme.nobody';
const DECISION = { release: '1.0.0', kind: 'approval', body: 'TSC', vote: 'approve', reason: 'x' };
const FILE = { path: 'x.md', digest: 'a'.repeat(64), size: 1, mediaType: 'text/markdown' };
const EVIDENCE = { release: '1.0.0', evidence: [FILE] };

/** A body that each command takes; a command that is added without one here fails the walk. */
const BODIES: Readonly<Record<string, unknown>> = {
  decisions: DECISION,
  waivers: {
    release: '1.0.0',
    body: 'TSC',
    target: { kind: 'check', check: 'contract-diff' },
    reason: 'x',
    expiresAt: '2027-01-01T00:00:00Z',
  },
  'preparation/{task}': EVIDENCE,
  'implementation/{task}': EVIDENCE,
  validations: { release: '1.0.0' },
  stewardship: { task: 'integration-review', reason: 'x' },
  lifecycle: { move: 'withdraw', release: '1.0.0', reason: 'x' },
};

describe('another partner', () => {
  let intake: Intake;
  let walk: Walk;
  let routes: readonly Route[];
  let secrets: readonly string[];

  beforeAll(async () => {
    intake = await startIntake();
    walk = new Walk(intake, OWN);
    await walk.through(7);
    const { body } = await intake.get<{ paths: Record<string, Record<string, unknown>> }>(
      '/openapi.json',
      'gus',
    );
    routes = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
    );
    const view = await intake.get<{ releases: { files: { digest: string }[] }[] }>(
      `${walk.path}?minVersion=${(await walk.trail()).length}`,
      'ada',
    );
    secrets = ['acme', ...(view.body.releases[0]?.files ?? []).map(({ digest }) => digest)];
  });
  afterAll(() => intake.stop());

  const send = async ({ method, path }: Route, as: string, names: Names) => {
    const suffix = path.replace(/^\/v1\/integrations\/\{id\}\/?/, '');
    const url = `${intake.base}${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => names[name] ?? name)}`;
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${await intake.token(as)}`,
        ...(method === 'POST' ? { 'idempotency-key': randomUUID(), 'content-type': 'application/json' } : {}),
      },
      ...(method === 'POST' ? { body: JSON.stringify(BODIES[suffix] ?? {}) } : {}),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };

  const comparable = ({ status, headers, text }: Awaited<ReturnType<typeof send>>, names: Names) => ({
    status,
    headers: [...headers]
      .filter(([name]) => name !== 'date')
      .map(([name, value]) => `${name}: ${value}`)
      .sort(),
    text: Object.values(names).reduce((masked, name) => masked.replaceAll(name, '…'), text),
  });

  it('finds nothing at any address of an integration, not even a difference to one that nobody has', async () => {
    const ofIntegrations = routes.filter(({ path }) => path.includes('/integrations/{id}'));
    expect(ofIntegrations.length).toBeGreaterThanOrEqual(16);
    for (const route of ofIntegrations) {
      const suffix = route.path.replace(/^\/v1\/integrations\/\{id\}\/?/, '');
      if (route.method === 'POST') expect([route.path, BODIES[suffix]]).not.toEqual([route.path, undefined]);
      const names = { task: 'sandbox', kind: 'expansionProposal' };
      const foreign = await send(route, 'gus', { ...names, id: OWN });
      const missing = await send(route, 'gus', { ...names, id: MISSING });
      expect([route, comparable(foreign, { id: OWN })]).toEqual([
        route,
        comparable(missing, { id: MISSING }),
      ]);
      expect([403, 404]).toContain(foreign.status);
    }
  });

  it('sees nothing of it at any other address', async () => {
    const others = routes.filter(
      ({ method, path }) => method === 'GET' && !path.includes('/integrations/{id}') && path !== '/v1/stream',
    );
    expect(others.length).toBeGreaterThanOrEqual(9);
    for (const route of others) {
      const { text } = await send(route, 'gus', {
        body: 'TSC',
        version: '1.0',
        digest: 'b'.repeat(64),
        proposal: 'x',
      });
      for (const secret of secrets) expect([route, text.includes(secret)]).toEqual([route, false]);
    }
  });

  it('can’t read its artefacts, nor verify its chain, nor learn from a filter', async () => {
    for (const digest of secrets.filter((secret) => secret.length === 64)) {
      const names = { digest };
      const missing = { digest: 'c'.repeat(64) };
      for (const method of ['GET', 'HEAD']) {
        const route = { method, path: '/v1/artifacts/{digest}' };
        expect(comparable(await send(route, 'gus', names), names)).toEqual(
          comparable(await send(route, 'gus', missing), missing),
        );
      }
    }
    const verify = (id: string) => intake.get(`/v1/audit/verify?integration=${id}`, 'gus');
    expect(await verify(OWN).then(({ status, text }) => [status, text])).toEqual(
      await verify(MISSING).then(({ status, text }) => [status, text]),
    );
    for (const query of [`q=${OWN}`, 'partner=acme', 'state=live', 'step=7'])
      expect((await intake.get(`/v1/integrations?${query}`, 'gus')).body).toEqual({ items: [], next: null });
  });

  it('can’t write to it: the same as to what nobody has, and nothing changes', async () => {
    const before = await walk.trail();
    const body = await uploaded(intake, 'gus', submissionFiles());
    expect((await intake.post('/v1/integrations', body, { as: 'gus' })).status).toBe(404);
    const other = await uploaded(intake, 'gus', submissionFiles({ name: 'nobody' }));
    expect((await intake.post('/v1/integrations', other, { as: 'gus' })).status).toBe(404);
    expect(await walk.trail()).toEqual(before);
  });

  it('hears nothing of it on the stream, and can’t resume at its events', async () => {
    const [event] = await walk.trail();
    const headers = { authorization: `Bearer ${await intake.token('gus')}`, accept: 'text/event-stream' };
    const resumed = await fetch(`${intake.base}/v1/stream`, {
      headers: { ...headers, 'last-event-id': event?.eventId ?? '' },
    });
    const unknown = await fetch(`${intake.base}/v1/stream`, {
      headers: { ...headers, 'last-event-id': randomUUID() },
    });
    expect([resumed.status, await resumed.text()]).toEqual([400, await unknown.text()]);
    const left = new AbortController();
    const stream = await fetch(`${intake.base}/v1/stream`, { headers, signal: left.signal });
    await new Walk(intake, 'acme.second', '1.0.0', walk).submit();
    await new Walk(intake, 'globex.own', '1.0.0', walk).submit();
    let heard = '';
    for await (const bytes of stream.body ?? []) {
      heard += Buffer.from(bytes as Uint8Array).toString();
      if (heard.includes('globex.own')) break;
    }
    left.abort();
    expect(heard).not.toContain('acme');
  });
});
