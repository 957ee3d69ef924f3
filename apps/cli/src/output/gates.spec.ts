import { describe, expect, it } from '@jest/globals';
import { gatesText } from './gates.js';

const gates = (status: string, missing: { what: string; who: string; requirement: string }[]) => ({
  integrationId: 'acme.orders',
  status,
  version: 9,
  asOf: '2026-11-27T00:00:00.000Z',
  releases: [
    {
      release: '1.0.0',
      step: 1,
      status: 'in-progress',
      steps: [
        { step: 1, id: 'review', title: 'Review', state: 'current' as const, open: false, missing },
        { step: 2, id: 'preparation', title: 'Preparation', state: 'ahead' as const, open: false, missing },
      ],
    },
  ],
});
const command = (requirement: string, who: string): string | undefined =>
  gatesText(gates('active', [{ what: 'it', who, requirement }]))
    .split('\n')
    .find((line) => line.includes('kwanus '))
    ?.trim();

describe('the gates for a person', () => {
  it('name what is missing in the current step, who must act, and the command', () => {
    const missing = [{ what: 'approval by TSC', who: 'TSC', requirement: 'approval:TSC' }];
    expect(gatesText(gates('active', missing))).toBe(
      [
        'acme.orders 1.0.0: step 1, in-progress',
        '  ▶ 1 Review',
        '      missing: approval by TSC — TSC must act',
        '               kwanus decide acme.orders approval TSC --release 1.0.0 --approve --reason TEXT',
        '  · 2 Preparation\n',
      ].join('\n'),
    );
  });

  it('ask nobody to act on an integration that is retired, and say so', () => {
    const missing = [{ what: 'a new rollout', who: 'partner', requirement: 'rollout:complete' }];
    const text = gatesText(gates('retired', missing));
    expect(text).toMatch(/^acme\.orders is retired\.\n/);
    expect(text).not.toContain('missing');
  });

  it.each([
    ['checkpoint:security', 'SCO', 'kwanus decide acme.orders checkpoint SCO --name security'],
    ['rollout-step:25', 'ERC', 'kwanus decide acme.orders step ERC --name 25'],
    ['preparation:permissionMapping', 'partner', 'kwanus evidence acme.orders permissionMapping FILE'],
    ['check:vulnerability-scan', 'SCO', 'kwanus waive acme.orders SCO --check vulnerability-scan'],
    ['check:contract-diff', 'partner', 'kwanus submit DIR'],
    ['rollout:complete', 'rollout', 'kwanus rollout --integration acme.orders'],
    ['rollout:complete', 'partner', 'kwanus lifecycle acme.orders rollout'],
    ['lifecycle:resume', 'partner', 'kwanus lifecycle acme.orders resume'],
    ['lifecycle:updated', 'partner', 'kwanus lifecycle acme.orders lifecycle-update'],
  ])('%s of %s: %s', (requirement, who, begin) => {
    expect(command(requirement, who)).toMatch(new RegExp(`^${begin}`));
  });

  it.each([
    ['preparation:sandbox', 'validation'],
    ['release:one-at-a-time', 'partner'],
    ['lifecycle:reinstate', 'operator'],
  ])('%s of %s is waited for: no command', (requirement, who) => {
    expect(command(requirement, who)).toBeUndefined();
  });
});
