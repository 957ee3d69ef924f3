import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, type Intake, startIntake } from './testing/intake-harness.js';
import { Walk } from './testing/walk.js';

interface BodyView {
  readonly seats: readonly { readonly id: string; readonly name: string }[];
  readonly proposals: readonly { readonly proposal: string }[];
  readonly version: number;
}

const DAY = 86_400_000;

describe('governance over HTTP', () => {
  let intake: Intake;
  let first: Walk;
  beforeAll(async () => {
    intake = await startIntake();
    first = new Walk(intake, 'acme.first');
    await first.submit();
  });
  afterAll(() => intake.stop());

  const walkOf = (name: string) => new Walk(intake, `acme.${name}`, '1.0.0', first);
  const tsc = async (as = 'root1') => (await intake.get<BodyView>('/v1/bodies/TSC', as)).body;
  const propose = (actor: string, change: string, as: string) =>
    intake.post<{ proposal: string; rejection: string }>(
      '/v1/bodies/TSC/seats',
      { actor: intake.actor(actor), change, reason: 'rotation' },
      { as },
    );
  const confirm = (proposal: string, as: string) =>
    intake.post(`/v1/bodies/TSC/seats/${proposal}/confirm`, { reason: 'agreed' }, { as });

  it('[PB-5.06] the first seats come from the bootstrap, once, as an event', async () => {
    const { seats, version } = await tsc();
    expect(seats.map(({ name }) => name)).toEqual(['tess', 'tom', 'tara', 'multi']);
    expect(version).toBe(1);
    const { body } = await intake.get<{ items: { id: string }[] }>('/v1/bodies', 'ada');
    expect(body.items.map(({ id }) => id)).toEqual(['TSC', 'SCO', 'ERC', 'CGB']);
  });

  it('[PB-5.06] a change of seats needs a second admin, is an event, and counts from then on', async () => {
    const walk = walkOf('seats');
    await walk.submit();
    const vote = () => walk.vote({ kind: 'approval', name: 'TSC', body: 'TSC' }, 'tess');
    const { body: proposed } = await propose('tess', 'unseat', 'root1');
    expect(await confirm(proposed.proposal, 'root1')).toMatchObject({
      status: 409,
      body: { rejection: 'second-admin-needed' },
    });
    expect((await tsc()).proposals).toHaveLength(1);
    expect((await tsc('ada')).proposals).toEqual([]);
    expect((await confirm(proposed.proposal, 'root2')).status).toBe(200);
    expect((await tsc()).seats.map(({ name }) => name)).not.toContain('tess');
    expect(await vote()).toMatchObject({ status: 409, body: { rejection: 'no-seat' } });
    const then = await intake.get<BodyView>('/v1/bodies/TSC?version=1', 'root1');
    expect(then.body.seats.map(({ name }) => name)).toContain('tess');
    const back = await propose('tess', 'seat', 'root2');
    expect((await confirm(back.body.proposal, 'root1')).status).toBe(200);
    expect((await vote()).status).toBe(200);
    const { version } = await tsc();
    expect(await walk.until('VoteRecorded')).toMatchObject({ data: { membershipVersion: version } });
  });

  it('[PB-5.06] nobody seats themselves, a partner’s people hold no seat, and admins alone propose', async () => {
    expect(await propose('root1', 'seat', 'root1')).toMatchObject({
      status: 409,
      body: { rejection: 'own-seat' },
    });
    expect(await propose('ada', 'seat', 'root1')).toMatchObject({
      status: 409,
      body: { rejection: 'partner-holds-no-seat' },
    });
    expect((await propose('olga', 'seat', 'tess')).status).toBe(403);
  });

  it('votes can be withdrawn until the step has been passed', async () => {
    const walk = walkOf('withdrawn');
    await walk.submit();
    const rule = { kind: 'approval', name: 'TSC', body: 'TSC' } as const;
    await walk.decide(rule);
    expect((await walk.missing()).requirements).not.toContain('approval:TSC');
    await walk.decide(rule, 'withdraw');
    expect((await walk.missing()).requirements).toContain('approval:TSC');
    await walk.decideAll('approval');
    expect(await walk.vote(rule, 'tess', 'withdraw')).toMatchObject({
      status: 409,
      body: { rejection: 'wrong-step' },
    });
  });

  it('[PB-3.07] a rejection is shown with who must answer it', async () => {
    const walk = walkOf('rejected');
    await walk.submit();
    await walk.decide({ kind: 'approval', name: 'SCO', body: 'SCO' }, 'reject');
    const { steps } = await walk.gates((await walk.trail()).length);
    const missing = steps[0]?.missing.find(({ requirement }) => requirement === 'approval:SCO');
    expect(missing?.what).toMatch(/^rejected/);
    const { body } = await intake.get<{
      items: { requirement: string; state: string; votes: { reason: string }[] }[];
    }>(`${walk.path}/decisions`, 'ada');
    expect(body.items.find(({ requirement }) => requirement === 'approval:SCO')).toMatchObject({
      state: 'rejected',
      votes: [{ reason: 'SCO has looked at it', inForce: true }],
    });
  });

  it('decisions that wait for too long are shown as overdue', async () => {
    const walk = walkOf('overdue');
    await walk.submit();
    await walk.gates((await walk.trail()).length);
    const overdue = async () =>
      (
        await intake.get<{ items: { integrationId: string; overdue: boolean }[] }>(
          '/v1/bodies/ERC/queue?limit=200',
          'erc1',
        )
      ).body.items.find(({ integrationId }) => integrationId === walk.id)?.overdue;
    expect(await overdue()).toBe(false);
    intake.clock.advance(11 * DAY);
    expect(await overdue()).toBe(true);
  });

  it('a check that is not performed blocks until its body waives it, and blocks again when the waiver runs out', async () => {
    const walk = walkOf('waived');
    await walk.through(3);
    const { checks } = await walk.playbook();
    await walk.finishRun({
      outcome: 'inconclusive',
      checks: checks.map(({ id, kind }) => ({
        check: id,
        kind,
        outcome: id === 'sandbox-integrity' ? 'not-performed' : 'passed',
        summary: id === 'sandbox-integrity' ? 'there is no sandbox yet' : 'fine',
        blocking: [],
        warnings: 0,
      })),
    });
    await walk.until('ValidationInconclusive');
    expect((await walk.missing()).requirements).toContain('check:sandbox-integrity');
    const waive = (body: string, check: string, as: string, days = 30) =>
      intake.post<{ rejection: string }>(
        `${walk.path}/waivers`,
        {
          release: '1.0.0',
          body,
          target: { kind: 'check', check },
          reason: 'accepted for now',
          expiresAt: new Date(intake.clock.now() + days * DAY).toISOString(),
        },
        { as },
      );
    expect(await waive('TSC', 'sandbox-integrity', 'tess')).toMatchObject({
      body: { rejection: 'not-the-owner' },
    });
    expect(await waive('SCO', 'forbidden-database', 'sco1')).toMatchObject({
      body: { rejection: 'never-waived' },
    });
    expect(await waive('SCO', 'sandbox-integrity', 'ada')).toMatchObject({ status: 403 });
    expect((await waive('SCO', 'sandbox-integrity', 'sco1')).status).toBe(200);
    expect((await walk.missing()).requirements).not.toContain('check:sandbox-integrity');
    const inForce = async () =>
      (await intake.get<{ items: { inForce: boolean }[] }>(`${walk.path}/waivers`, 'ada')).body.items.map(
        (waiver) => waiver.inForce,
      );
    expect(await inForce()).toEqual([true]);
    intake.clock.advance(31 * DAY);
    expect(await inForce()).toEqual([false]);
    expect((await walk.missing()).requirements).toContain('check:sandbox-integrity');
    expect(await walk.until('WaiverExpired')).toMatchObject({ actor: { id: 'system:intake' } });
  });

  it('[PB-1.1] a release is withdrawn and resubmitted, an integration suspended, reinstated, deprecated, retired: all of it is in the trail', async () => {
    const walk = walkOf('moved');
    await walk.submit();
    const move = (body: object, as: string) =>
      intake.post(`${walk.path}/lifecycle`, { reason: 'so', ...body }, { as });
    const moves: [object, string][] = [
      [{ move: 'withdraw', release: '1.0.0' }, 'ada'],
      [{ move: 'resubmit', release: '1.0.0' }, 'ada'],
      [{ move: 'suspend' }, 'olga'],
      [{ move: 'reinstate' }, 'olga'],
      [{ move: 'deprecate', sunset: '2027-06-01T00:00:00Z' }, 'ada'],
      [{ move: 'retire' }, 'olga'],
    ];
    for (const [body, as] of moves)
      expect([body, (await move(body, as)).text]).toEqual([body, expect.stringContaining('version')]);
    const types = (await walk.trail()).map(({ type }) => type);
    expect(types).toEqual(
      expect.arrayContaining([
        'ReleaseWithdrawn',
        'ReleaseResubmitted',
        'IntegrationSuspended',
        'IntegrationReinstated',
        'IntegrationDeprecated',
        'IntegrationRetired',
      ]),
    );
    expect(await move({ move: 'suspend' }, 'olga')).toMatchObject({
      status: 409,
      body: { rejection: 'retired' },
    });
    expect((await walk.trail()).filter(({ reason }) => reason === 'so')).toHaveLength(6);
  });

  it('an integration moves to another playbook by an event; every event says under which it was decided', async () => {
    const walk = walkOf('adopted');
    await walk.submit();
    const adopt = (playbook: string) =>
      intake.post(
        `${walk.path}/lifecycle`,
        { move: 'adopt-playbook', playbook, reason: 'trial' },
        { as: 'root1' },
      );
    expect((await adopt('9.9')).status).toBe(422);
    expect((await adopt('1.0-demo')).status).toBe(200);
    await walk.decide({ kind: 'approval', name: 'TSC', body: 'TSC' });
    const { body } = await intake.get<{ items: { type: string; playbookVersion: string }[] }>(
      `${walk.path}/events`,
      'ada',
    );
    expect(body.items.map(({ type, playbookVersion }) => `${type} ${playbookVersion}`)).toEqual([
      'IntegrationProposed 1.0',
      'ReleaseOpened 1.0',
      'StepEntered 1.0',
      'PlaybookAdopted 1.0-demo',
      'VoteRecorded 1.0-demo',
    ]);
  });

  it('the stream tells what happens, in order, and resumes after the last event that was seen', async () => {
    const walk = walkOf('streamed');
    const open = async (headers: Record<string, string> = {}) => {
      const left = new AbortController();
      const response = await fetch(`${intake.base}/v1/stream?integration=${walk.id}`, {
        headers: {
          authorization: `Bearer ${await intake.token('ada')}`,
          accept: 'text/event-stream',
          ...headers,
        },
        signal: left.signal,
      });
      const read = async (count: number): Promise<{ id: string; type: string }[]> => {
        let text = '';
        for await (const bytes of response.body ?? []) {
          text += Buffer.from(bytes as Uint8Array).toString();
          if ((text.match(/^data: .*\n\n/gm) ?? []).length >= count) break;
        }
        left.abort();
        return [...text.matchAll(/^id: (.*)\nevent: event\ndata: (.*)$/gm)].map(
          ([, id = '', data = '{}']) => ({
            id,
            type: (JSON.parse(data) as { type: string }).type,
          }),
        );
      };
      return { read };
    };
    const live = await open();
    await walk.submit();
    const heard = await live.read(3);
    expect(heard.map(({ type }) => type)).toEqual(['IntegrationProposed', 'ReleaseOpened', 'StepEntered']);
    await walk.decide({ kind: 'approval', name: 'TSC', body: 'TSC' });
    const resumed = await (await open({ 'last-event-id': heard[1]?.id ?? '' })).read(2);
    expect(resumed.map(({ type }) => type)).toEqual(['StepEntered', 'VoteRecorded']);
  });

  it('a roll-back is recorded with its numbers; another rollout has to be asked for', async () => {
    const walk = walkOf('rolled');
    await walk.through(4);
    await walk.until('RolloutRequested');
    await walk.tellRollout('rolled-back', {
      step: 'smoke',
      stepIndex: 0,
      percent: 0,
      to: null,
      automatic: true,
      reasonCode: 'burn',
      reason: '12 of 40 requests failed',
      evidence: { failures: 12, requests: 40 },
      decidedAt: '2026-11-23T10:00:00Z',
    });
    expect(await walk.until('RolledBack')).toMatchObject({
      reason: '12 of 40 requests failed',
      data: { evidence: { failures: 12, requests: 40 }, automatic: true },
    });
    const { status, step } = await walk.gates((await walk.trail()).length);
    expect([status, step]).toEqual(['rolled-back', 5]);
    const retry = { move: 'rollout', release: '1.0.0', reason: 'fixed on our side' };
    expect((await intake.post(`${walk.path}/lifecycle`, retry, { as: 'ada' })).status).toBe(200);
    const again = await eventually(async () => {
      const requests = (await walk.trail()).filter(({ type }) => type === 'RolloutRequested');
      return requests.length === 2 ? requests : undefined;
    });
    expect(new Set(again.map(({ data }) => data['rolloutId'])).size).toBe(2);
  });

  it('what a second release leaves unchanged is not reviewed again', async () => {
    const walk = walkOf('second');
    await walk.through(7);
    const next = new Walk(intake, walk.id, '1.1.0', walk);
    await next.submit({ texts: { compatibilityPlan: 'a plan for 1.1.0' } });
    await next.gates((await next.trail()).length);
    const { body } = await intake.get<{ items: { requirement: string; state: string; release: string }[] }>(
      `${walk.path}/decisions?release=1.1.0`,
      'ada',
    );
    const states = Object.fromEntries(body.items.map(({ requirement, state }) => [requirement, state]));
    expect(states).toMatchObject({
      'checkpoint:permission': 'approved',
      'checkpoint:security': 'approved',
      'checkpoint:compatibility': 'not-yet',
      'sign-off:TSC': 'not-yet',
    });
  });

  it('an amendment in step 4 voids what it touches, and the bodies decide again', async () => {
    const walk = walkOf('again');
    await walk.through(3);
    await walk.submit({ texts: { compatibilityPlan: 'amended in step 4' } });
    expect((await walk.missing()).requirements).toContain('approval:TSC');
    await walk.decideAll('approval');
    expect((await walk.missing()).requirements).not.toContain('approval:TSC');
  });
});
