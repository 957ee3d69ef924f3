import { expect, it } from '@jest/globals';
import { rolloutOfFacts } from './fact.js';
import { commandOf, PLAYBOOK, run } from './rollout.fixtures.js';

it('[PB-1.1] a fact that comes too late is kept, without effect', () => {
  const { state } = run([0, 'PlanRollout'], [10, 'RollBack'], [11, 'ConfirmRollback']);
  const events = rolloutOfFacts.decide(commandOf([20, 'Pause']), state, { playbook: PLAYBOOK });
  expect(events).toEqual([
    expect.objectContaining({ type: 'LateFactRecorded', fact: 'Pause', code: 'rollout-over' }),
  ]);
  expect(events.reduce(rolloutOfFacts.evolve, state)).toEqual(state);
});
