import { describe, expect, it } from '@jest/globals';
import { type Edits, findingsOf, judge, manifest, put, said } from './testing/edited-submission.js';

const ME = 'principal == Kwanus::Integration::"acme.parcels"';
const SCOPE = `${ME}, action == Kwanus::Action::"read", resource is Kwanus::Order`;
const GUARDS = 'resource.workspace == context.workspace && ["id", "status"].containsAll(context.fields)';
const PATH = 'policies/orders.cedar';

const policy = (text: string | null): Edits => ({
  ...manifest((m) => put(m['permissions']?.[0], { policy: PATH })),
  [PATH]: text,
});

/** The second is one step away from the first. */
const RULES: readonly (readonly [rule: string, title: string, fires: Edits, silent: Edits])[] = [
  [
    'FB303',
    '[PB-7.05] (PM203) a guard that bears no load',
    policy(`permit(${SCOPE}) when { ${GUARDS} || resource.workspace like "*" };`),
    policy(`permit(${SCOPE}) when { ${GUARDS} && resource.workspace like "*" };`),
  ],
  [
    'FB303',
    '[PB-7.05] (PM203) a forbid that held it back and is gone',
    policy(
      `permit(${SCOPE}); forbid(${ME}, action, resource) unless { ["id"].containsAll(context.fields) };`,
    ),
    policy(`permit(${SCOPE}); forbid(${ME}, action, resource) unless { ${GUARDS} };`),
  ],
  [
    'PM201',
    '[PB-6.07] one field more than is declared',
    policy(
      `permit(${SCOPE}) when { resource.workspace == context.workspace && ["id", "total"].containsAll(context.fields) };`,
    ),
    policy(
      `permit(${SCOPE}) when { resource.workspace == context.workspace && ["id"].containsAll(context.fields) };`,
    ),
  ],
  [
    'PM211',
    '[PB-4.11] text that is no policy',
    policy(`permit(${SCOPE}) when { ${GUARDS} }`),
    policy(`permit(${SCOPE}) when { ${GUARDS} };`),
  ],
  [
    'PM211',
    '[PB-4.11] a policy that is not there',
    policy(null),
    policy(`permit(${SCOPE}) when { ${GUARDS} };`),
  ],
  [
    'PM212',
    '[PB-4.11] an action that the registry does not know',
    policy(`permit(${ME}, action == Kwanus::Action::"burn", resource is Kwanus::Order) when { ${GUARDS} };`),
    policy(`permit(${ME}, action == Kwanus::Action::"read", resource is Kwanus::Order) when { ${GUARDS} };`),
  ],
  [
    'PM213',
    '[PB-4.11] a forbid aimed at others',
    policy(
      `permit(${SCOPE}) when { ${GUARDS} }; forbid(principal, action, resource) when { context.fields.contains("x") };`,
    ),
    policy(
      `permit(${SCOPE}) when { ${GUARDS} }; forbid(${ME}, action, resource) when { context.fields.contains("x") };`,
    ),
  ],
  [
    'PM214',
    '[PB-4.11] more than can be followed',
    policy(`permit(${SCOPE}) when { ${GUARDS} && context.now.toTime() < duration("8h") };`),
    policy(`permit(${SCOPE}) when { ${GUARDS} && context.now < datetime("2027-01-01") };`),
  ],
];

describe('the policies of a submission', () => {
  it.each(RULES)('%s fires, and is silent one step away: %s', async (rule, _, fires, silent) => {
    expect(findingsOf(await judge(fires), rule)).toHaveLength(1);
    expect(said(await judge(silent))).toEqual([]);
  });

  it('[PB-7.05] shows the request that would get through', async () => {
    const verdict = await judge(policy(`permit(principal, action, resource) when { ${GUARDS} };`));
    const [finding] = findingsOf(verdict, 'FB303');
    expect(finding).toMatchObject({
      file: 'kwanus.yaml',
      pointer: '/permissions/0/policy',
      line: expect.any(Number),
      message: expect.stringMatching(/any integration, any resource, any action.*somebody\.else/),
      facts: {
        rule: 'PM203',
        policy: `${PATH}#1`,
        witness: { integration: 'somebody.else', action: 'read', resource: { type: 'Kwanus::Order' } },
      },
    });
  });

  it('[PB-7.05] lets nobody waive what could not be analysed', async () => {
    const verdict = await judge(policy('permit(principal'));
    const outcome = (id: string) => verdict.results.find(({ check }) => check === id)?.outcome;
    expect([outcome('forbidden-permissions'), outcome('permission-analysis')]).toEqual([
      'inconclusive',
      'failed',
    ]);
  });

  it('keeps its fingerprint when other permissions are added before it', async () => {
    const blanket = `permit(principal, action, resource);`;
    const [one] = findingsOf(await judge(policy(blanket)), 'FB303');
    const [other] = findingsOf(
      await judge({
        ...manifest((m) => {
          put(m['permissions']?.[0], { policy: PATH });
          (m['permissions'] as unknown as object[]).unshift({ id: 'x:y', actions: ['read'], reason: 'r' });
        }),
        [PATH]: blanket,
      }),
      'FB303',
    ).filter(({ facts }) => facts?.['policy'] !== undefined);
    expect(other?.fingerprint).toBe(one?.fingerprint);
  });
});
