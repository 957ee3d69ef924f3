import { describe, expect, it } from '@jest/globals';
import type { Playbook } from '@kwanus/domain-playbook';
import { isDomainRejection } from '@kwanus/kernel';
import { milliseconds } from './duration.js';
import { planRollout } from './plan.js';
import { rollout } from './rollout.decider.js';
import { commandOf, PLAYBOOK, request } from './rollout.fixtures.js';

const refusalUnder = (playbook: Playbook, rest: Parameters<typeof request>[0] = {}) =>
  rollout.decide(commandOf([0, 'PlanRollout', { request: request(rest) }]), rollout.initialState, {
    playbook,
  });
const changed = (change: (rule: Playbook['rollouts'][number]) => Partial<Playbook['rollouts'][number]>) => ({
  ...PLAYBOOK,
  rollouts: PLAYBOOK.rollouts.map((rule) => ({ ...rule, ...change(rule) })),
});

describe('A plan', () => {
  it.each<[string, Playbook]>([
    ['no plan of the type', { ...PLAYBOOK, rollouts: [] }],
    ['a plan without steps', changed(() => ({ steps: [] }))],
  ])('[PB-9.02] is refused where the playbook has %s', (_, playbook) =>
    expect(refusalUnder(playbook)).toEqual([
      expect.objectContaining({ type: 'RolloutRefused', code: 'no-such-plan' }),
    ]),
  );

  it.each<[string, Playbook]>([
    ['bake', changed(() => ({ bake: 'P1Y' }))],
    ['askAfter', changed(() => ({ askAfter: 'soon' }))],
    ['rollbackWithin', changed(() => ({ rollbackWithin: 'P' }))],
    ['minDwell', changed(({ steps }) => ({ steps: steps.map((step) => ({ ...step, minDwell: 'P1M' })) }))],
  ])('is refused where a rollout can’t keep its times: %s', (_, playbook) =>
    expect(refusalUnder(playbook)).toEqual([
      expect.objectContaining({ type: 'RolloutRefused', code: 'duration-unreadable' }),
    ]),
  );

  it('has the bodies asked about a hold that approve a step of it; where nobody does, all of them', () => {
    expect(planRollout(PLAYBOOK, 'staged', 'medium').askedBodies).toEqual(['TSC']);
    expect(planRollout(PLAYBOOK, 'full', 'low').askedBodies).toEqual(['TSC', 'SCO', 'ERC', 'CGB']);
  });

  it('decides by no quick rule where no rule of the playbook pages', () => {
    const burn = PLAYBOOK.monitoring.burn.filter(({ severity }) => severity === 'ticket');
    const silent = { ...PLAYBOOK, monitoring: { ...PLAYBOOK.monitoring, burn } };
    expect(planRollout(silent, 'staged', 'medium').quickRule).toBeNull();
  });

  it('lets what is no refusal through', () => {
    const broken = { ...PLAYBOOK, rollouts: null as unknown as Playbook['rollouts'] };
    expect(() => refusalUnder(broken)).toThrow(TypeError);
  });
});

describe('A duration', () => {
  it.each([
    ['PT0S', 0],
    ['PT1.5S', 1500],
    ['P1W2DT3H4M5S', 788_645_000],
  ])('%s', (text, ms) => expect(milliseconds(text)).toBe(ms));

  it.each(['', 'P', 'PT', 'P1Y', 'P1M', '1h'])('"%s" is none', (text) => {
    let refused: unknown;
    try {
      milliseconds(text);
    } catch (error) {
      refused = error;
    }
    expect(isDomainRejection(refused) ? refused.code : refused).toBe('duration-unreadable');
  });
});
