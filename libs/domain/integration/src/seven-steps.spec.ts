import { describe, expect, it } from '@jest/globals';
import { PLAYBOOK, SEATS } from '../testing/orders.js';
import { ReleaseLife, types } from '../testing/release-life.js';
import { evolve, foldFrom, integration } from './index.js';

describe('[PB-2.1] step 1, pre-integration review', () => {
  it.each([
    ['[PB-3.01]', 'expansionProposal'],
    ['[PB-3.02]', 'compatibilityPlan'],
    ['[PB-3.03]', 'lifecyclePlan'],
    ['[PB-3.04]', 'riskMitigationPlan'],
    ['[PB-3.05]', 'governanceAlignment'],
  ])('%s is not left without the %s, which the partner supplies', (_, document) => {
    const life = new ReleaseLife();
    const documents = [
      'expansionProposal',
      'compatibilityPlan',
      'lifecyclePlan',
      'riskMitigationPlan',
      'governanceAlignment',
    ].filter((id) => id !== document);
    life.submit('ada', { declared: { documents } });
    life.decideAll('approval');
    expect(life.step).toBe(1);
    expect(life.gate().missing).toMatchObject([{ who: 'partner', requirement: `document:${document}` }]);
  });

  it.each([
    ['[PB-3.06]', 'TSC'],
    ['[PB-3.07]', 'SCO'],
    ['[PB-3.08]', 'ERC'],
    ['[PB-3.09]', 'CGB'],
  ])('%s is not left without the approval of %s, and says who must act', (_, body) => {
    const life = new ReleaseLife().until(1);
    for (const other of ['TSC', 'SCO', 'ERC', 'CGB'].filter((id) => id !== body))
      life.vote(SEATS[other]?.[0] ?? '', `approval:${other}`);
    expect(life.step).toBe(1);
    expect(life.gate().missing).toMatchObject([{ who: body, requirement: `approval:${body}` }]);
    expect(types(life.vote(SEATS[body]?.[0] ?? '', `approval:${body}`))).toEqual([
      'VoteRecorded',
      'StepPassed',
      'StepEntered',
    ]);
  });
});

describe('[PB-2.2] step 2, technical preparation', () => {
  it.each(['scaffolding', 'workflow', 'permissionMapping', 'sandbox'])(
    '%s counts when its evidence was checked, not when it was claimed',
    (task) => {
      const life = new ReleaseLife().until(2);
      expect(types(life.do(life.evidence('preparation', task)))).toEqual([
        'EvidenceRecorded',
        'ValidationRequested',
      ]);
      expect(life.gate().missing).toContainEqual(
        expect.objectContaining({ who: 'validation', requirement: `preparation:${task}` }),
      );
      life.verifyEvidence(task);
      expect(life.missing()).not.toContain(`preparation:${task}`);
    },
  );

  it('a check of evidence that was replaced meanwhile verifies nothing', () => {
    const life = new ReleaseLife().until(2);
    life.do(life.evidence('preparation', 'sandbox', 'first'));
    const asked = life.shown().tasks['sandbox']?.requestId ?? '';
    life.do(life.evidence('preparation', 'sandbox', 'second'));
    expect(types(life.verifyEvidence('sandbox', asked))).toEqual(['LateFactRecorded']);
    expect(life.missing()).toContain('preparation:sandbox');
    life.verifyEvidence('sandbox');
    expect(life.missing()).not.toContain('preparation:sandbox');
  });

  it('evidence that does not hold is named with its finding', () => {
    const life = new ReleaseLife().until(2);
    life.do(life.evidence('preparation', 'sandbox'));
    const { requestId } = life.shown().tasks['sandbox'] ?? {};
    life.fact({
      type: 'EvidenceRefused',
      data: {
        integrationId: 'acme.orders',
        release: '1.0.0',
        cause: 'c',
        task: 'sandbox',
        runId: 'r',
        requestId: requestId ?? '',
        findings: ['EV1 not reached'],
      },
    });
    expect(
      life.gate().missing.find(({ requirement }) => requirement === 'preparation:sandbox'),
    ).toMatchObject({
      who: 'partner',
      what: expect.stringContaining('EV1 not reached'),
    });
    expect(types(life.do(life.evidence('preparation', 'sandbox')))).toEqual([
      'EvidenceRecorded',
      'ValidationRequested',
    ]);
  });
});

describe('[PB-2.3] step 3, implementation', () => {
  it.each(['development', 'testing', 'documentation'])('%s is recorded with files', (task) => {
    const life = new ReleaseLife().until(3);
    expect(life.missing()).toContain(`implementation:${task}`);
    life.do(life.evidence('implementation', task));
    expect(life.shown().tasks[task]?.evidence[0]).toMatchObject({ path: `${task}.md`, size: task.length });
    expect(life.missing()).not.toContain(`implementation:${task}`);
  });

  it('the same evidence again is not news', () => {
    const life = new ReleaseLife().until(3);
    life.do(life.evidence('implementation', 'testing'));
    expect(life.do(life.evidence('implementation', 'testing'))).toEqual([]);
  });
});

describe('step 4, validation', () => {
  it.each([
    ['[PB-5.01]', 'compatibility', 'TSC'],
    ['[PB-5.02]', 'permission', 'SCO'],
    ['[PB-5.03]', 'security', 'SCO'],
    ['[PB-5.04]', 'workflow', 'ERC'],
    ['[PB-5.05]', 'sustainability', 'CGB'],
  ])('%s the %s review of %s comes before step 5', (_, name, body) => {
    const life = new ReleaseLife().until(4);
    life.fact(life.verdict());
    for (const [other, of] of [
      ['compatibility', 'TSC'],
      ['permission', 'SCO'],
      ['security', 'SCO'],
      ['workflow', 'ERC'],
      ['sustainability', 'CGB'],
    ] as const)
      if (other !== name) life.vote(SEATS[of]?.[0] ?? '', `checkpoint:${other}`);
    expect(life.step).toBe(4);
    expect(life.gate().missing).toMatchObject([{ who: body, requirement: `checkpoint:${name}` }]);
    life.vote(SEATS[body]?.[0] ?? '', `checkpoint:${name}`);
    expect(life.step).toBe(5);
  });

  it('the governance validation is the last word, on the very digests, with the seats of that moment', () => {
    const life = new ReleaseLife().until(5);
    const at = types(life.events).indexOf('GovernanceValidated');
    expect(types(life.events.slice(at, at + 5))).toEqual([
      'GovernanceValidated',
      'StepPassed',
      'StepEntered',
      'RiskAssessed',
      'RolloutRequested',
    ]);
    expect(life.events[at]).toMatchObject({
      data: { digest: life.shown().digests['everything'], membershipVersion: 7 },
    });
  });

  it('an approval whose voter has lost the seat is judged again, and found void', () => {
    const life = new ReleaseLife().until(4);
    life.context = { ...life.context, membership: { version: 9, seats: { ...SEATS, TSC: ['tobias'] } } };
    life.fact(life.verdict());
    expect(life.events.findLast(({ type }) => type === 'VotesVoided')).toMatchObject({
      data: { votes: [{ decision: 'approval:TSC', by: 'tara', changed: ['seat'] }] },
    });
    expect(life.gate().missing).toContainEqual(
      expect.objectContaining({ who: 'TSC', requirement: 'approval:TSC' }),
    );
    life.vote('tobias', 'approval:TSC');
    expect(life.missing()).not.toContain('approval:TSC');
  });

  it('a run that says nothing of a check of the playbook has not performed it', () => {
    const life = new ReleaseLife().until(4);
    life.fact(life.verdict({ checks: [] }));
    expect(life.missing()).toContain('check:forbidden-database');
  });

  it('a verdict on what was amended since is kept as late', () => {
    const life = new ReleaseLife().until(4);
    const verdict = life.verdict();
    life.submit('ada', { parts: { contract: 'other' } });
    expect(types(life.fact(verdict))).toEqual(['LateFactRecorded']);
  });

  it('fallback, migration guide and a higher version are preconditions of step 5', () => {
    const life = new ReleaseLife('1.1.0');
    life.submit('ada', { declared: { fallback: [], documents: [] } });
    const { events } = life;
    const missing = ['release:fallback', 'release:migration-guide', 'document:migrationGuide'];
    expect(life.gate(4).missing.map(({ requirement }) => requirement)).toEqual(
      expect.arrayContaining(missing),
    );
    expect(events.length).toBeGreaterThan(0);
    const first = new ReleaseLife('2.0.0').until(1);
    const older = first.next('1.9.0').until(1);
    first.decideAll('approval');
    for (const step of [2, 3, 4, 5, 6, 7]) advance(first, step);
    expect(older.missing(4)).toContain('release:versioned');
  });
});

function advance(life: ReleaseLife, step: number): void {
  if (step === 2) life.phase('preparation');
  if (step === 3) life.phase('implementation');
  if (step === 4) {
    life.fact(life.verdict());
    life.decideAll('checkpoint');
  }
  if (step === 5) life.rollOut();
  if (step === 6) life.bake();
  if (step === 7) {
    life.matrix();
    life.do(life.lifecycle());
    life.decideAll('sign-off');
  }
}

describe('[PB-2.7] step 7, review and sign-off', () => {
  it('[PB-2.7] asks for matrix, lifecycle and four signatures, and says so', () => {
    const life = new ReleaseLife().until(7);
    expect(life.missing()).toEqual([
      'matrix:updated',
      'lifecycle:updated',
      'sign-off:TSC',
      'sign-off:SCO',
      'sign-off:ERC',
      'sign-off:CGB',
    ]);
  });

  it('[PB-11.02] is computed from the log: what is not documented is missing in step 7 too', () => {
    const documents = PLAYBOOK.documents.filter(({ section }) => section === 'proposal').map(({ id }) => id);
    const life = new ReleaseLife();
    life.submit('ada', { declared: { documents } });
    const docs = PLAYBOOK.documents.filter(({ section, required }) => section === 'docs' && required);
    expect(life.missing(7)).toEqual(expect.arrayContaining(docs.map(({ id }) => `document:${id}`)));
    expect(
      new ReleaseLife()
        .until(7)
        .missing()
        .filter((id) => id.startsWith('document:')),
    ).toEqual([]);
  });

  it('[PB-11.03] is not passed before the matrix of this release was updated in step 7', () => {
    const life = new ReleaseLife().until(6);
    life.matrix();
    life.bake();
    life.do(life.lifecycle());
    life.decideAll('sign-off');
    expect(life.missing()).toEqual(['matrix:updated']);
    life.matrix();
    expect(life.shown().status).toBe('live');
  });

  it('[PB-11.04] is not passed before the lifecycle was updated', () => {
    const life = new ReleaseLife().until(7);
    life.matrix();
    life.decideAll('sign-off');
    expect(life.missing()).toEqual(['lifecycle:updated']);
    expect(types(life.do(life.lifecycle()))).toEqual([
      'LifecycleUpdated',
      'StepPassed',
      'ReleaseSignedOff',
      'StewardshipScheduled',
    ]);
  });

  it('[PB-11.05] takes four different people, none of them a proposer', () => {
    const life = new ReleaseLife().until(7);
    life.vote('multi', 'sign-off:TSC');
    for (const body of ['SCO', 'ERC', 'CGB'])
      expect(() => life.vote('multi', `sign-off:${body}`)).toThrow(/one person decides for one body only/);
    for (let time = 0; time < 50; time += 1) expect(life.vote('multi', 'sign-off:TSC')).toEqual([]);
    const signed = life.state.votes.filter(({ kind }) => kind === 'sign-off');
    expect(signed).toHaveLength(1);
  });

  it('[PB-1.1] after a roll-back the signatures of the rollout before are void', () => {
    const life = new ReleaseLife().until(7);
    life.vote('tara', 'sign-off:TSC');
    expect(types(life.rollBack())).toEqual(['RolledBack', 'VotesVoided']);
    expect(life.state.votes.filter(({ kind }) => kind === 'sign-off')).toEqual([]);
  });
});

describe('the whole life', () => {
  const life = new ReleaseLife().until(8);

  it('is signed off, live, and folds to the same state from what a file keeps', () => {
    expect(life.state).toMatchObject({ live: '1.0.0', status: 'active' });
    const recorded = life.events.map(({ type, data }) => ({
      type,
      schemaVersion: 1,
      data: JSON.parse(JSON.stringify(data)),
    }));
    expect(foldFrom(recorded)).toEqual(life.events.reduce(evolve, integration.initialState));
  });
});
