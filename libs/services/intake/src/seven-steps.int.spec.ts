import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, type Intake, startIntake } from './testing/intake-harness.js';
import { submissionFiles, uploaded } from './testing/submission.js';
import { Walk } from './testing/walk.js';

/** One release from proposal to stewardship: the specs follow each other, as the steps do. */
describe('one integration over HTTP, facts of the other services over the transport', () => {
  let intake: Intake;
  let walk: Walk;
  beforeAll(async () => {
    intake = await startIntake();
    walk = new Walk(intake);
  });
  afterAll(() => intake.stop());

  it('[PB-2.1] step 1 is entered by submitting, and says what is missing and who must act', async () => {
    const answered = await walk.submit({ without: ['riskMitigationPlan'] });
    expect(answered).toMatchObject({ status: 200, body: { integrationId: 'acme.orders', release: '1.0.0' } });
    expect(answered.headers.get('etag')).toBe(`"${String(answered.body['version'])}"`);
    const { step, requirements } = await walk.missing();
    expect(step).toBe(1);
    expect([...requirements].sort()).toEqual(
      ['approval:CGB', 'approval:ERC', 'approval:SCO', 'approval:TSC', 'document:riskMitigationPlan'].sort(),
    );
  });

  it('[PB-2.1] a command of a later step is refused with what is missing', async () => {
    const file = { path: 'x.md', ...(await intake.upload('ada', 'x')) };
    const refused = await intake.post(
      `${walk.path}/lifecycle`,
      { move: 'lifecycle-update', release: '1.0.0', reason: 'early', evidence: [file] },
      { as: 'ada' },
    );
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'domain-rejection', rejection: 'wrong-step' },
    });
    expect(refused.body['missing']).toContainEqual({
      what: 'approval by TSC (technical)',
      who: 'TSC',
      requirement: 'approval:TSC',
    });
  });

  it('[PB-3.01] [PB-3.02] [PB-3.03] [PB-3.04] [PB-3.05] documents are addressed by content, and read by kind', async () => {
    await walk.submit();
    for (const kind of [
      'expansionProposal',
      'compatibilityPlan',
      'lifecyclePlan',
      'riskMitigationPlan',
      'governanceAlignment',
    ]) {
      const { body } = await intake.get<{ requirement: string; file: { digest: string } }>(
        `${walk.path}/documents/${kind}?minVersion=${(await walk.trail()).length}`,
        'ada',
      );
      expect(body.requirement).toMatch(/^PB-3\.0[1-5]$/);
      const bytes = await intake.get(`/v1/artifacts/${body.file.digest}`, 'ada');
      expect(bytes).toMatchObject({ status: 200, text: `# ${kind} of orders\n` });
    }
  });

  it('the second submission of the same files is not news', async () => {
    const before = (await walk.trail()).length;
    const body = await uploaded(intake, 'ada', submissionFiles());
    expect(await intake.post('/v1/integrations', body, { as: 'ada' })).toMatchObject({ status: 200 });
    expect((await walk.trail()).length).toBe(before);
  });

  it('[PB-3.06] [PB-5.06] only who holds a seat of the body decides, by a token’s role alone nobody does', async () => {
    const rule = { kind: 'approval', name: 'TSC', body: 'TSC' } as const;
    expect(await walk.vote(rule, 'sco1')).toMatchObject({ status: 409, body: { rejection: 'no-seat' } });
    expect((await walk.vote(rule, 'ada')).status).toBe(403);
    expect((await walk.vote(rule, 'olga')).status).toBe(403);
  });

  it('[PB-3.06] [PB-3.07] [PB-3.08] [PB-3.09] each body approves with a reason; the step is passed with the last one', async () => {
    await walk.decideAll('approval');
    const votes = (await walk.trail()).filter(({ type }) => type === 'VoteRecorded');
    expect(new Set(votes.map(({ data }) => data['body']))).toEqual(new Set(['TSC', 'SCO', 'ERC', 'CGB']));
    for (const vote of votes) expect(vote.reason).toMatch(/^(TSC|SCO|ERC|CGB) has looked at it$/);
    expect((await walk.missing()).step).toBe(2);
  });

  it('an amendment voids the votes on what changed, and no other', async () => {
    const other = new Walk(intake, 'acme.amended', '1.0.0', walk);
    await other.submit();
    await other.decide({ kind: 'approval', name: 'TSC', body: 'TSC' });
    await other.submit({ texts: { compatibilityPlan: 'another plan' } });
    expect(await other.until('VotesVoided')).toMatchObject({
      data: { votes: [{ decision: 'approval:TSC' }] },
    });
  });

  it('[PB-2.2] tasks of step 2 count when validation has checked the evidence', async () => {
    const { tasks } = await walk.playbook();
    const [task] = tasks.filter(({ phase, verified }) => phase === 'preparation' && verified);
    const file = { path: 'claim.md', ...(await intake.upload('ada', 'merely claimed')) };
    await intake.post(
      `${walk.path}/preparation/${task?.id}`,
      { release: '1.0.0', evidence: [file] },
      { as: 'ada' },
    );
    expect((await walk.missing()).requirements).toContain(`preparation:${task?.id}`);
    await walk.finishRun({
      task: task?.id ?? '',
      outcome: 'failed',
      checks: [
        {
          check: 'evidence',
          kind: 'compatibility',
          outcome: 'failed',
          summary: 'nothing in it',
          blocking: [],
          warnings: 0,
        },
      ],
    });
    expect(await walk.until('EvidenceRefused')).toMatchObject({
      data: { findings: ['evidence: nothing in it'] },
    });
    await walk.evidence('preparation');
    expect((await walk.missing()).step).toBe(3);
  });

  it('[PB-2.3] step 3 records development, testing and documentation with artefacts', async () => {
    await walk.evidence('implementation');
    const { body } = await intake.get<{
      releases: { tasks: { phase: string; state: string; evidence: { digest: string; size: number }[] }[] }[];
    }>(`${walk.path}?minVersion=${(await walk.trail()).length}`, 'ada');
    const done = body.releases[0]?.tasks.filter(({ phase }) => phase === 'implementation') ?? [];
    expect(done.length).toBeGreaterThanOrEqual(3);
    for (const { state, evidence } of done) {
      expect(state).toBe('recorded');
      expect(evidence[0]).toMatchObject({
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
        size: expect.any(Number),
      });
    }
    expect((await walk.missing()).step).toBe(4);
  });

  it('a verdict is recorded with the event that caused it; told twice, it is recorded once; one that nobody asked for is kept as late', async () => {
    const told = await walk.finishRun();
    await walk.validation.again(told);
    const cause = told.headers['ce_id'];
    expect(await walk.until('ValidationPassed')).toMatchObject({ causationId: cause, data: { cause } });
    const { requirements } = await walk.missing();
    expect(
      requirements.filter((requirement) => !/^(checkpoint:|validation:governance)/.test(requirement)),
    ).toEqual([]);
    await walk.finishRun({ requestId: '01939c3e-0000-7000-8000-000000000000' });
    expect(await walk.until('LateFactRecorded')).toMatchObject({ data: { fact: 'ValidationPassed' } });
    expect((await walk.trail()).filter(({ type }) => type === 'ValidationPassed')).toHaveLength(1);
  });

  it('[PB-5.01] [PB-5.02] [PB-5.03] [PB-5.04] [PB-5.05] checkpoints wait in their bodies’ queues with due dates, all five before step 5', async () => {
    const version = (await walk.trail()).length;
    await walk.gates(version);
    const waiting: string[] = [];
    for (const body of ['TSC', 'SCO', 'ERC', 'CGB']) {
      const queue = await intake.get<{
        items: { integrationId: string; requirement: string; dueAt: string; body: string }[];
      }>(`/v1/bodies/${body}/queue`, 'tess');
      for (const item of queue.body.items.filter(({ integrationId }) => integrationId === walk.id)) {
        expect(item.dueAt).toMatch(/^20\d\d-/);
        waiting.push(`${item.body} ${item.requirement}`);
      }
    }
    expect(waiting.sort()).toEqual([
      'CGB checkpoint:sustainability',
      'ERC checkpoint:workflow',
      'SCO checkpoint:permission',
      'SCO checkpoint:security',
      'TSC checkpoint:compatibility',
    ]);
    const { decisions } = await walk.playbook();
    const checkpoints = decisions.filter(({ kind }) => kind === 'checkpoint');
    for (const rule of checkpoints) {
      expect((await walk.missing()).step).toBe(4);
      await walk.decide(rule);
    }
    expect((await walk.missing()).step).toBe(5);
  });

  it('[PB-1.1] rollout’s facts move the release; a body’s approval of a step is published for it', async () => {
    await walk.rollOut();
    expect(await walk.until('RolloutStepApproved')).toMatchObject({ data: { body: 'TSC', step: 'all' } });
    expect(await walk.until('RolloutStepAdvanced')).toMatchObject({
      data: { evidence: { failures: 0, requests: 500 } },
    });
    expect((await walk.missing()).step).toBe(6);
  });

  it('[PB-11.05] nobody signs before step 7, and what is missing is said', async () => {
    const early = await walk.vote({ kind: 'sign-off', name: 'TSC', body: 'TSC' }, 'tess');
    expect(early).toMatchObject({ status: 409, body: { rejection: 'wrong-step' } });
  });

  it('[PB-2.7] [PB-11.01] [PB-11.02] [PB-11.03] [PB-11.04] step 7 asks for matrix, lifecycle and four signatures', async () => {
    await walk.completeBake();
    const { step, requirements } = await walk.missing();
    expect(step).toBe(7);
    expect(requirements).toEqual(
      expect.arrayContaining([
        'matrix:updated',
        'lifecycle:updated',
        'sign-off:TSC',
        'sign-off:SCO',
        'sign-off:ERC',
        'sign-off:CGB',
      ]),
    );
  });

  it('[PB-11.05] four different people sign; who signed for one body signs for no other', async () => {
    const { body } = await intake.get<{ signedOff: boolean; missing: unknown[] }>(
      `${walk.path}/sign-off`,
      'ada',
    );
    expect(body.signedOff).toBe(false);
    expect(await walk.vote({ kind: 'sign-off', name: 'TSC', body: 'TSC' }, 'multi')).toMatchObject({
      status: 200,
    });
    expect(await walk.vote({ kind: 'sign-off', name: 'SCO', body: 'SCO' }, 'multi')).toMatchObject({
      status: 409,
      body: { rejection: 'signed-for-another-body' },
    });
    await walk.signOff();
    await walk.until('ReleaseSignedOff');
    const signed = await intake.get<{ signedOff: boolean }>(
      `${walk.path}/sign-off?minVersion=${(await walk.trail()).length}`,
      'ada',
    );
    expect(signed.body.signedOff).toBe(true);
  });

  it('[PB-12.01] [PB-12.02] [PB-12.03] [PB-12.04] stewardship is scheduled at sign-off: four annual tasks in the calendar', async () => {
    const { body } = await intake.get<{ items: { task: string; dueAt: string; state: string }[] }>(
      `${walk.path}/stewardship`,
      'ada',
    );
    expect(body.items).toHaveLength(4);
    const calendar = await intake.get<{ items: unknown[] }>('/v1/stewardship', 'tess');
    expect(calendar.body.items).toHaveLength(4);
    for (const { dueAt, state } of body.items) {
      expect(state).toBe('scheduled');
      expect(Date.parse(dueAt) - intake.clock.now()).toBeGreaterThan(360 * 86_400_000);
    }
  });

  it('[PB-12.01] [PB-12.05] what is overdue is reminded, escalated, and in the end suspends the integration; a body’s word on it reinstates nothing by itself', async () => {
    intake.clock.advance(340 * 86_400_000);
    const reminded = await eventually(async () =>
      (await walk.trail()).find(({ type }) => type === 'StewardshipReminded'),
    );
    expect(reminded.actor.id).toBe('system:intake');
    intake.clock.advance(365 * 86_400_000);
    await eventually(async () => (await walk.trail()).find(({ type }) => type === 'StewardshipOverdue'));
    await eventually(async () => (await walk.trail()).find(({ type }) => type === 'StewardshipEscalated'));
    await eventually(async () => (await walk.trail()).find(({ type }) => type === 'IntegrationSuspended'));
    const move = { move: 'reinstate', reason: 'done now' };
    expect((await intake.post(`${walk.path}/lifecycle`, move, { as: 'olga' })).status).toBe(200);
  });

  it('[DC-3] the chain of the stream is whole, and the trail numbers every event', async () => {
    const { body } = await intake.get<{ intact: boolean; events: number }>(
      `/v1/audit/verify?integration=${walk.id}`,
      'ada',
    );
    const trail = await walk.trail();
    expect(body).toMatchObject({ intact: true });
    expect(trail.map(({ number }) => number)).toEqual(trail.map((_, index) => index + 1));
    expect(body.events).toBeGreaterThanOrEqual(trail.length);
    expect(trail.find(({ type }) => type === 'ReleaseOpened')?.actor.name).toBe('ada');
  });
});
