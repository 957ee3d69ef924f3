import { describe, expect, it } from '@jest/globals';
import type { Subject } from '@kwanus/domain-playbook';
import { DECLARED, ID, PLAYBOOK } from '../testing/orders.js';
import { ReleaseLife, types } from '../testing/release-life.js';
import { AdoptPlaybook, type Declared, SubmitRelease } from './index.js';

const refusal = (code: string) => expect.objectContaining({ code });

interface Proposed {
  readonly subject?: Subject;
  readonly declared?: Partial<Declared>;
  readonly name?: string;
}
function proposal(life: ReleaseLife, { subject = 'integration', declared = {}, name = 'orders' }: Proposed) {
  const { given, submitted } = life.submission();
  return new SubmitRelease(given, {
    ...submitted,
    name,
    subject,
    declared: { ...DECLARED, ...declared, subject },
  });
}

describe('[PB-0.1] what is introduced', () => {
  it.each(['integration', 'capability', 'tier'] as const)(
    'is an integration, a capability or a tier: %s',
    (subject) => {
      const life = new ReleaseLife();
      life.do(proposal(life, { subject }));
      expect(life.events[0]).toMatchObject({ type: 'IntegrationProposed', data: { subject } });
      expect(life.state.subject).toBe(subject);
    },
  );

  it('stays what it is: another subject goes under a name of its own', () => {
    const life = new ReleaseLife();
    life.do(proposal(life, { subject: 'tier' }));
    const next = life.next('1.1.0');
    expect(() => next.do(proposal(next, { subject: 'capability' }))).toThrow(refusal('subject-changed'));
  });

  it('a tier’s permissions and capabilities are events, release by release', () => {
    const entitled = (capabilities: readonly string[]) => ({
      capabilities,
      permissions: [{ id: 'orders:read', actions: ['read'] }],
    });
    const life = new ReleaseLife();
    life.do(proposal(life, { subject: 'tier', declared: entitled(['bulk-export']) }));
    const next = life.next('1.1.0');
    next.do(proposal(next, { subject: 'tier', declared: entitled(['bulk-export', 'webhooks']) }));
    const { releases } = life.state;
    expect(Object.values(releases).map(({ declared }) => declared.capabilities)).toEqual([
      ['bulk-export'],
      ['bulk-export', 'webhooks'],
    ]);
  });

  it('goes through the same seven steps as an integration', () => {
    const life = new ReleaseLife();
    life.do(proposal(life, { subject: 'tier' }));
    life.decideAll('approval');
    for (const phase of ['preparation', 'implementation'] as const) life.phase(phase);
    life.fact(life.verdict());
    life.decideAll('checkpoint');
    expect(life.events.at(-1)).toMatchObject({ type: 'RolloutRequested', data: { subject: 'tier' } });
  });

  it('is what the playbook introduces, also when another playbook is adopted', () => {
    const life = new ReleaseLife();
    const playbook = { ...PLAYBOOK, version: '2.0', subjects: ['integration' as const] };
    life.do(proposal(life, { subject: 'tier' }));
    life.context = { ...life.context, playbook };
    const admin = { ...life.given('oscar'), roles: ['admin'] };
    expect(() => life.do(new AdoptPlaybook(admin, 'the new one'))).toThrow(refusal('unknown-subject'));
    const other = new ReleaseLife();
    other.context = life.context;
    expect(() => other.do(proposal(other, { subject: 'tier' }))).toThrow(refusal('unknown-subject'));
  });
});

describe('[PB-1.2] who answers for a release', () => {
  it.each(['contact', 'sponsor'] as const)('is named, or it is not taken: %s', (whom) => {
    const life = new ReleaseLife();
    const accountable = { ...DECLARED.accountable, [whom]: '' };
    expect(() => life.do(proposal(life, { declared: { accountable } }))).toThrow(
      expect.objectContaining({
        code: 'accountable-missing',
        missing: [expect.objectContaining({ who: 'partner', requirement: 'manifest:accountable' })],
      }),
    );
  });

  it('is told to those who watch the rollout', () => {
    const life = new ReleaseLife().until(5);
    const requested = life.events.find(({ type }) => type === 'RolloutRequested');
    expect(requested?.data).toMatchObject({ accountable: DECLARED.accountable });
  });
});

describe('a submission', () => {
  it('is of the integration that its manifest names', () => {
    const life = new ReleaseLife();
    expect(() => life.do(proposal(life, { name: 'parcels' }))).toThrow(refusal('other-integration'));
  });

  it('by a service identity names the person who answers for it; that person is a proposer', () => {
    const life = new ReleaseLife();
    const { given, submitted } = life.submission();
    const by = { ...given, by: 'service:ci', partner: null, roles: ['service'] };
    expect(() => life.do(new SubmitRelease({ ...by, sponsor: null }, submitted))).toThrow(
      refusal('sponsor-missing'),
    );
    life.do(new SubmitRelease({ ...by, sponsor: 'tara' }, submitted));
    expect(life.shown().proposers).toEqual(['service:ci', 'tara']);
    expect(() => life.vote('tara', 'approval:TSC')).toThrow(refusal('own-proposal'));
  });

  it('by an identity that acts as a service is no other one’s when it acts as a person', () => {
    const life = new ReleaseLife();
    const { given, submitted } = life.submission();
    life.do(
      new SubmitRelease(
        { ...given, by: 'service:tara', partner: null, roles: ['service'], sponsor: 'carla' },
        submitted,
      ),
    );
    expect(() => life.vote('tara', 'approval:TSC')).toThrow(refusal('own-proposal'));
  });

  it.each(['lifecycle', 'resubmission'] as const)(
    'makes who answers for a service a proposer by a %s',
    (what) => {
      const life = new ReleaseLife().until(7);
      if (what === 'resubmission') life.do(life.move('withdraw'));
      const command = what === 'lifecycle' ? life.lifecycle() : life.move('resubmit');
      const by = { ...command.given, by: 'service:ci', roles: ['service'] as const };
      expect(() => life.do(Object.assign(command, { given: { ...by, sponsor: null } }))).toThrow(
        refusal('sponsor-missing'),
      );
      life.do(Object.assign(command, { given: { ...by, sponsor: 'tara' } }));
      expect(life.shown().proposers).toEqual(expect.arrayContaining(['service:ci', 'tara']));
    },
  );

  it('is the partner’s own: nobody of another partner, nor a reviewer, submits for it', () => {
    const life = new ReleaseLife().until(1);
    const next = life.next('1.1.0');
    const { given, submitted } = next.submission();
    for (const who of [
      { by: 'gus', partner: 'globex', roles: ['partner'] },
      { by: 'tara', partner: null, roles: ['reviewer'] },
    ])
      expect(() => next.do(new SubmitRelease({ ...given, ...who }, submitted))).toThrow(
        refusal('not-the-partner'),
      );
  });

  it('has a version above every one that is out, as semantic versions compare', () => {
    const life = new ReleaseLife('1.9.0').until(8);
    for (const version of ['1.8.9', '1.9.0-rc.1', '0.10.0'])
      expect(() => life.next(version).submit()).toThrow(refusal('version-not-newer'));
    expect(types(life.next('1.10.0-rc.1').submit()).at(0)).toBe('ReleaseOpened');
  });

  it('that is what is there already is not news, whoever sends it', () => {
    const life = new ReleaseLife().until(1);
    expect(life.submit('amir')).toEqual([]);
    expect(life.shown().proposers).toEqual(['ada']);
    expect(life.state.integrationId).toBe(ID);
  });

  it('of a release that was rolled back is not changed: the change needs a version of its own', () => {
    const life = new ReleaseLife().until(5);
    life.rollBack();
    expect(() => life.submit('ada', { parts: { contract: 'mended' } })).toThrow(
      expect.objectContaining({
        code: 'release-fixed',
        missing: [expect.objectContaining({ requirement: 'release:versioned', who: 'partner' })],
      }),
    );
  });
});
