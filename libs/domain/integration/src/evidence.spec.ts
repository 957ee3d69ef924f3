import { describe, expect, it } from '@jest/globals';
import { ID, PLAYBOOK, uuid } from '../testing/orders.js';
import { ReleaseLife, types } from '../testing/release-life.js';
import { AdoptPlaybook, type EventOf, type IntegrationEvent, MoveIntegration } from './index.js';

const runs = (events: readonly IntegrationEvent[]): readonly EventOf<'ValidationRequested'>['data'][] =>
  events.flatMap((event) => (event.type === 'ValidationRequested' ? [event.data] : []));
const givenUp = (events: readonly IntegrationEvent[]): readonly EventOf<'ValidationCancelled'>['data'][] =>
  events.flatMap((event) => (event.type === 'ValidationCancelled' ? [event.data] : []));
const permissions = { parts: { 'manifest:permissions': 'more' } };

describe('[PB-2.2] evidence that was checked, after an amendment', () => {
  it('is looked at anew, by a run of its own, where what it was checked against changed; the rest holds', () => {
    const life = new ReleaseLife().until(3);
    const asked = runs(life.submit('ada', permissions));
    expect(asked.map(({ purpose, task }) => [purpose, task])).toEqual([
      ['preparation', 'permissionMapping'],
      ['preparation', 'sandbox'],
    ]);
    expect(new Set(asked.map(({ requestId }) => requestId)).size).toBe(2);
    expect(asked[0]?.submission.files.map(({ path }) => path)).toEqual([
      'kwanus.yaml',
      'evidence/permissionMapping/permissionMapping.md',
    ]);
    expect(life.gate(2).missing).toEqual([
      {
        what: 'check of the evidence for permission mapping',
        who: 'validation',
        requirement: 'preparation:permissionMapping',
      },
      {
        what: 'check of the evidence for sandbox set-up',
        who: 'validation',
        requirement: 'preparation:sandbox',
      },
    ]);
    expect(life.shown().tasks['scaffolding']).toMatchObject({ state: 'verified' });
  });

  it('keeps the release in step 4 until it holds again, and is not asked of the partner', () => {
    const life = new ReleaseLife().until(4);
    life.submit('ada', permissions);
    life.fact(life.verdict());
    life.vote('selma', 'approval:SCO');
    life.decideAll('checkpoint');
    expect(life.missing()).toEqual(['preparation:permissionMapping', 'preparation:sandbox']);
    life.verifyEvidence('permissionMapping');
    expect(types(life.verifyEvidence('sandbox'))).toContain('GovernanceValidated');
    expect(life.step).toBe(5);
  });

  it('that does not hold any more is handed in anew, in step 4 too; what holds is not touched there', () => {
    const life = new ReleaseLife().until(4);
    expect(() => life.do(life.evidence('preparation', 'sandbox', 'other'))).toThrow(
      expect.objectContaining({ code: 'wrong-step' }),
    );
    life.submit('ada', permissions);
    const { requestId } = life.shown().tasks['sandbox'] ?? {};
    const of = {
      integrationId: ID,
      release: life.release,
      cause: 'c',
      runId: 'r',
      requestId: requestId ?? '',
    };
    life.fact({
      type: 'EvidenceRefused',
      data: { ...of, task: 'sandbox', findings: ['PV205 not declared'] },
    });
    expect(types(life.do(life.evidence('preparation', 'sandbox', 'other')))).toEqual([
      'EvidenceRecorded',
      'ValidationRequested',
    ]);
    life.verifyEvidence('sandbox');
    expect(life.missing()).not.toContain('preparation:sandbox');
  });

  it('a check that was under way counts for nothing: it looked at what was there before', () => {
    const life = new ReleaseLife().until(2);
    life.do(life.evidence('preparation', 'sandbox'));
    const before = life.shown().tasks['sandbox']?.requestId ?? '';
    const news = life.submit('ada', permissions);
    expect(givenUp(news)).toMatchObject([
      { requestId: before, task: 'sandbox', reason: 'what it looks at was amended' },
    ]);
    expect(types(life.verifyEvidence('sandbox', before))).toEqual(['LateFactRecorded']);
    life.verifyEvidence('sandbox');
    expect(life.missing()).not.toContain('preparation:sandbox');
  });

  it('that was refused is looked at anew too: it may hold now', () => {
    const life = new ReleaseLife().until(2);
    life.do(life.evidence('preparation', 'sandbox'));
    const { requestId } = life.shown().tasks['sandbox'] ?? {};
    const of = {
      integrationId: ID,
      release: life.release,
      cause: 'c',
      runId: 'r',
      requestId: requestId ?? '',
    };
    life.fact({
      type: 'EvidenceRefused',
      data: { ...of, task: 'sandbox', findings: ['PV205 not declared'] },
    });
    expect(runs(life.submit('ada', permissions))).toMatchObject([{ task: 'sandbox' }]);
    expect(life.shown().tasks['sandbox']).toMatchObject({ state: 'recorded', findings: [] });
  });

  it('is looked at anew where another playbook has it checked against more', () => {
    const life = new ReleaseLife().until(3);
    life.submit('ada', { parts: { 'manifest:workflows': 'other' } });
    life.verifyEvidence('workflow');
    const tasks = PLAYBOOK.tasks.map((task) =>
      task.id === 'scaffolding' ? { ...task, covers: [...task.covers, 'manifest:workflows'] } : task,
    );
    life.context = { ...life.context, playbook: { ...PLAYBOOK, version: '1.1', tasks } };
    const adopt = new AdoptPlaybook({ ...life.given('oscar'), roles: ['admin'] }, 'in force');
    expect(runs(life.do(adopt))).toMatchObject([{ purpose: 'preparation', task: 'scaffolding' }]);
  });

  it('counts for nothing while no run could be asked for, and is not looked at once the release is on its way out', () => {
    const demanding = (life: ReleaseLife, requestId: string | null) => {
      life.submit('ada', { parts: { 'manifest:workflows': 'other' } });
      life.verifyEvidence('workflow');
      const tasks = PLAYBOOK.tasks.map((task) =>
        task.id === 'scaffolding' ? { ...task, covers: ['manifest:workflows'] } : task,
      );
      return (): readonly IntegrationEvent[] => {
        life.context = { ...life.context, playbook: { ...PLAYBOOK, version: '1.1', tasks } };
        const { requestId: _, ...given } = { ...life.given('oscar'), roles: ['admin'] };
        return life.do(new AdoptPlaybook(requestId === null ? given : { ...given, requestId }, 'in force'));
      };
    };
    const early = new ReleaseLife().until(3);
    expect(runs(demanding(early, null)())).toEqual([]);
    expect(early.missing(2)).toEqual(['preparation:scaffolding']);
    const out = new ReleaseLife().until(4);
    const adopt = demanding(out, uuid(77));
    out.fact(out.verdict());
    out.decideAll('checkpoint');
    out.vote('elena', 'approval:ERC');
    expect(out.step).toBe(5);
    expect(runs(adopt())).toEqual([]);
  });
});

describe('[PB-1.1] a run that nobody waits for any more is cancelled', () => {
  it('with its release, when that is withdrawn; it is asked for anew when that is resubmitted', () => {
    const life = new ReleaseLife().until(4);
    const { requestId = '' } = life.shown().validation ?? {};
    expect(givenUp(life.do(life.move('withdraw')))).toEqual([
      { integrationId: ID, release: '1.0.0', requestId, task: null, reason: 'the release was withdrawn' },
    ]);
    expect(life.shown().validation?.outcome).toBe('cancelled');
    expect(life.gate(4).missing).toContainEqual(
      expect.objectContaining({
        what: 'security validation of what is submitted now',
        who: 'validation',
      }),
    );
    expect(types(life.fact(life.verdict({ requestId })))).toEqual(['LateFactRecorded']);
    expect(runs(life.do(life.move('resubmit')))).toMatchObject([{ purpose: 'release' }]);
  });

  it('with the evidence that it looks at, and looks at it again after the resubmission', () => {
    const life = new ReleaseLife().until(2);
    life.do(life.evidence('preparation', 'sandbox'));
    life.do(life.evidence('preparation', 'workflow'));
    life.verifyEvidence('workflow');
    expect(givenUp(life.do(life.move('withdraw')))).toMatchObject([{ task: 'sandbox' }]);
    expect(runs(life.do(life.move('resubmit')))).toMatchObject([{ purpose: 'preparation', task: 'sandbox' }]);
    life.verifyEvidence('sandbox');
    expect(life.shown().tasks['sandbox']?.state).toBe('verified');
  });

  it('when the integration is retired, whatever the release', () => {
    const life = new ReleaseLife().until(4);
    const other = life.next('1.1.0').until(4, 'another');
    const retire = new MoveIntegration({ ...life.given('oscar'), release: null }, 'retire', 'over');
    expect(givenUp(life.do(retire)).map(({ release }) => release)).toEqual(['1.0.0', '1.1.0']);
    expect(other.shown().validation?.outcome).toBe('cancelled');
  });

  it('when another one takes its place: an amendment, other evidence, a release that went live', () => {
    const life = new ReleaseLife().until(4);
    const { requestId = '' } = life.shown().validation ?? {};
    expect(givenUp(life.submit('ada', { parts: { 'document:lifecycle': 'other' } }))).toMatchObject([
      { requestId, reason: 'what it looks at was amended' },
    ]);
    const early = new ReleaseLife().until(2);
    early.do(early.evidence('preparation', 'sandbox'));
    expect(givenUp(early.do(early.evidence('preparation', 'sandbox', 'other')))).toMatchObject([
      { task: 'sandbox', reason: 'other evidence was handed in' },
    ]);
    const first = new ReleaseLife().until(7);
    const waiting = first.next('1.1.0').until(4, 'another');
    first.matrix();
    first.do(first.lifecycle());
    first.decideAll('sign-off');
    expect(givenUp(first.events)).toMatchObject([{ release: '1.1.0', reason: '1.0.0 went live meanwhile' }]);
    expect(waiting.shown().validation).toMatchObject({ outcome: 'running', bases: ['1.0.0'] });
  });

  it('a run that has its verdict is not', () => {
    const life = new ReleaseLife().until(4);
    life.fact(life.verdict());
    expect(types(life.do(life.move('withdraw')))).toEqual(['ReleaseWithdrawn']);
  });
});
