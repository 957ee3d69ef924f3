import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applies } from './evaluate.js';
import {
  analysePolicies,
  confirm,
  DecisionEngine,
  type Grant,
  misfits,
  type PartnerPolicy,
  type PermissionSet,
  type PolicyAnalysis,
  type PolicyDecision,
  type PolicyRequest,
  qualified,
  readPolicies,
  resourceType,
  vocabularyOf,
} from './index.js';

const SELF = 'acme.parcels';
const ME = `principal == Kwanus::Integration::"${SELF}"`;
const READ = 'action == Kwanus::Action::"read"';
const ORDER = 'resource is Kwanus::Order';
const OWN = 'resource.workspace == context.workspace';
const SOME = '["id", "status"].containsAll(context.fields)';
const VOCABULARY = vocabularyOf([
  { resource: 'order', actions: ['read', 'create', 'update'] },
  { resource: 'payout', actions: ['create', 'approve'] },
]);
const GRANT: Grant = {
  id: 'orders:read',
  resource: 'order',
  actions: ['read'],
  workspace: 'self',
  fields: ['id', 'status'],
  until: null,
};
const scoped = `${ME}, ${READ}, ${ORDER}`;
const permit = (scope: string, ...conditions: readonly string[]): string =>
  `permit(${scope})${conditions.map((condition) => ` when { ${condition} }`).join('')};`;

function policies(...files: readonly string[]): readonly PartnerPolicy[] {
  return files.flatMap((text, index) => {
    const read = readPolicies(text, { path: `policies/${index}.cedar`, permission: 'orders:read' });
    if ('refused' in read) throw new Error(read.refused);
    return read;
  });
}

const analysis = (files: readonly string[], grants: readonly Grant[] = [GRANT]): Promise<PolicyAnalysis> =>
  analysePolicies({ integrationId: SELF, policies: policies(...files), grants, vocabulary: VOCABULARY });
const said = ({ escapes }: PolicyAnalysis): readonly string[] =>
  escapes.map(({ direction, unbounded }) => `${unbounded ? 'any' : 'named'} ${direction}`);

const UNBOUNDED: readonly (readonly [
  title: string,
  files: readonly string[],
  expected: readonly string[],
])[] = [
  [
    'a blanket permit',
    [permit('principal, action, resource')],
    ['any principal', 'any resource', 'any action', 'any workspace', 'any fields'],
  ],
  [
    'a blanket permit disguised by `is`',
    [permit(`principal is Kwanus::Integration, ${READ}, ${ORDER}`, OWN, SOME)],
    ['any principal'],
  ],
  ['any action', [permit(`${ME}, action, ${ORDER}`, OWN, SOME)], ['any action']],
  ['any resource', [permit(`${ME}, ${READ}, resource`, OWN, SOME)], ['any resource']],
  ['no workspace', [permit(scoped, SOME)], ['any workspace']],
  ['a tautology', [permit(scoped, `${OWN} || 1 == 1`, SOME)], ['any workspace']],
  [
    'a tautology of two halves',
    [permit(scoped, `${OWN} || context.workspace == "a" || context.workspace != "a"`, SOME)],
    ['any workspace'],
  ],
  [
    'a double negation',
    [permit(scoped, `!(!(${OWN}) && !(resource.workspace like "*"))`, SOME)],
    ['any workspace'],
  ],
  [
    'a branch that says the same both times',
    [permit(scoped, `if ${OWN} then true else true`, SOME)],
    ['any workspace'],
  ],
  [
    'a guard beside a wildcard',
    [permit(scoped, `${OWN} || resource.workspace like "*"`, SOME)],
    ['any workspace'],
  ],
  [
    'a guard that bears no load: `has` of what is always there',
    [permit(scoped, 'resource has workspace', SOME)],
    ['any workspace'],
  ],
  [
    'a pattern over workspaces',
    [permit(scoped, 'resource.workspace like "acme-*"', SOME)],
    ['any workspace'],
  ],
  ['all but one workspace', [permit(scoped, 'resource.workspace != "closed"', SOME)], ['any workspace']],
  [
    'halves split over two policies of one file',
    [
      `${permit(scoped, SOME, 'context.workspace == "a"')} ${permit(scoped, SOME, 'context.workspace != "a"')}`,
    ],
    ['any workspace', 'any workspace'],
  ],
  [
    'halves split over two files',
    [
      permit(scoped, OWN, 'context.fields.contains("secret")'),
      permit(scoped, OWN, '!context.fields.contains("secret")'),
    ],
    ['any fields', 'any fields'],
  ],
  [
    'an unless that never holds',
    [`permit(${scoped}) when { ${SOME} } unless { context.workspace == "a" && context.workspace == "b" };`],
    ['any workspace'],
  ],
  ['any field beside a declared one', [permit(scoped, OWN, 'context.fields.contains("id")')], ['any fields']],
  [
    'a window of time with everything in it',
    [permit(scoped, SOME, `${OWN} || context.now < datetime("2030-01-01")`)],
    ['any workspace'],
  ],
];

const NAMED: typeof UNBOUNDED = [
  [
    'an action that is not declared',
    [permit(`${ME}, action in [Kwanus::Action::"read", Kwanus::Action::"update"], ${ORDER}`, OWN, SOME)],
    ['named action'],
  ],
  [
    'a field that is not declared',
    [permit(scoped, OWN, '["id", "total"].containsAll(context.fields)')],
    ['named fields'],
  ],
  [
    'a workspace that is not its own',
    [permit(scoped, 'resource.workspace == "globex-1"', SOME)],
    ['named workspace'],
  ],
  [
    'another integration',
    [permit(`principal == Kwanus::Integration::"globex.hub", ${READ}, ${ORDER}`, OWN, SOME)],
    ['named principal'],
  ],
];

const BOUNDED: readonly (readonly [title: string, files: readonly string[]])[] = [
  ['what is granted', [permit(scoped, OWN, SOME)]],
  [
    'less than is granted',
    [permit(scoped, OWN, '["id"].containsAll(context.fields)', 'context.now < datetime("2027-01-01")')],
  ],
  ['the guard the other way round', [permit(scoped, `!(${OWN.replace('==', '!=')})`, SOME)]],
  ['the resource bound in a condition', [permit(`${ME}, ${READ}, resource`, `${ORDER} && ${OWN}`, SOME)]],
  [
    'the action bound in a condition',
    [permit(`${ME}, action, ${ORDER}`, 'action == Kwanus::Action::"read"', OWN, SOME)],
  ],
  [
    'a wide permit that a forbid bounds',
    [`${permit(scoped, SOME)} forbid(${ME}, action, resource) unless { ${OWN} };`],
  ],
  ['a condition that never holds', [permit(scoped, 'context.workspace == "a" && context.workspace == "b"')]],
  ['one field out of the list', [permit(scoped, OWN, 'context.fields == ["id"]')]],
];

describe('policies of a partner', () => {
  it.each(UNBOUNDED)('[PB-7.05] PM203 have no bound: %s', async (_, files, expected) => {
    const found = await analysis(files);
    expect(found.undecided).toBeNull();
    expect(said(found)).toEqual(expected);
    for (const { witness } of found.escapes)
      expect(confirm(policies(...files), witness)).toMatchObject({ decision: 'allow' });
  });

  it.each(NAMED)('[PB-6.07] PM201 reach beyond what is declared: %s', async (_, files, expected) => {
    const found = await analysis(files);
    expect(said(found)).toEqual(expected);
    for (const { witness } of found.escapes)
      expect(confirm(policies(...files), witness)).toMatchObject({ decision: 'allow' });
  });

  it('[PB-7.05] PM203 are judged alike however many permissions the registry has', async () => {
    const many = vocabularyOf([
      { resource: 'order', actions: ['read'] },
      ...Array.from({ length: 2_000 }, (_, n) => ({
        resource: `thing-${n}`,
        actions: [`act-${n % 500}`, 'read'],
      })),
    ]);
    const found = (text: string) =>
      analysePolicies({ integrationId: SELF, policies: policies(text), grants: [GRANT], vocabulary: many });
    expect(await found(permit(scoped, OWN, SOME))).toMatchObject({ escapes: [], undecided: null });
    expect(said(await found(permit(`${ME}, action, ${ORDER}`, OWN, SOME)))).toEqual(['any action']);
    expect(
      said(
        await found(
          permit(`${ME}, action in [Kwanus::Action::"read", Kwanus::Action::"act-7"], resource`, OWN, SOME),
        ),
      ),
    ).toEqual(['any resource', 'named action']);
  });

  it.each(BOUNDED)('[PB-7.05] PM203 are bounded: %s', async (_, files) =>
    expect(await analysis(files)).toMatchObject({ escapes: [], undecided: null, aimedAtOthers: [] }),
  );

  it('are bounded by all grants together, and by each where the others end', async () => {
    const payouts: Grant = {
      ...GRANT,
      id: 'payouts:create',
      resource: 'payout',
      actions: ['create'],
      fields: null,
    };
    const both = [
      permit(
        `${ME}, action in [Kwanus::Action::"read", Kwanus::Action::"create"], resource`,
        `${OWN} && (${ORDER} && ${SOME} && action == Kwanus::Action::"read" || resource is Kwanus::Payout)`,
      ),
    ];
    expect(said(await analysis(both, [GRANT, payouts]))).toEqual([]);
    expect(said(await analysis(both))).toEqual(['named resource', 'named action', 'any fields']);
  });

  it('name a forbid that is aimed at others, and take one that is not', async () => {
    const others = await analysis([permit(scoped, OWN, SOME), 'forbid(principal, action, resource);']);
    expect(others.aimedAtOthers.map(({ id }) => id)).toEqual(['policies/1.cedar#1']);
    const own = await analysis([permit(scoped, OWN, SOME), `forbid(${ME}, action, resource);`]);
    expect(own.aimedAtOthers).toEqual([]);
  });

  it.each([
    ['arithmetic over moments', permit(scoped, `${OWN} || context.now.offset(duration("1d")) > context.now`)],
    [
      'fields that are compared with what is not written out',
      permit(scoped, 'context.fields.contains(context.workspace)'),
    ],
    [
      'too many patterns',
      permit(scoped, [1, 2, 3, 4, 5].map((n) => `resource.workspace like "${n}*"`).join(' || ')),
    ],
    [
      'too many cases',
      permit(scoped, Array.from({ length: 150 }, (_, n) => `resource.workspace == "w${n}"`).join(' || ')),
    ],
  ])('are undecided, never passed, where the analysis ends: %s', async (_, text) =>
    expect((await analysis([text])).undecided).toMatch(/\w/),
  );

  it.each([
    ['text that is none', 'permit(principal', /not Cedar/],
    ['nothing', '// nothing', /no policy/],
    ['a template', 'permit(principal == ?principal, action, resource);', /template/],
    [
      'brackets without end',
      `permit(principal, action, resource) when { ${'('.repeat(20_000)} };`,
      /levels deep/,
    ],
    [
      'a chain without end',
      permit('principal, action, resource', `${'1+'.repeat(8_000)}1 == 2`),
      /words and signs/,
    ],
    [
      'branches without end',
      permit('principal, action, resource', `${'if true then '.repeat(900)}true${' else true'.repeat(900)}`),
      /words and signs/,
    ],
    ['a long text', `// ${'x'.repeat(40_000)}\npermit(principal, action, resource);`, /bytes/],
    ['many policies', 'permit(principal,action,resource);'.repeat(51), /more than 50 policies/],
  ])('are refused before the engine sees what would break it: %s', (_, text, reason) => {
    expect(readPolicies(text, { path: 'p', permission: 'x' })).toEqual({
      refused: expect.stringMatching(reason),
    });
    expect(confirm(policies(permit(scoped)), request())).toMatchObject({ decision: 'allow' });
  });

  it('are held against the vocabulary of the registry', () => {
    expect(misfits(policies(permit(scoped, OWN, SOME)), VOCABULARY)).toEqual([]);
    for (const [text, reason] of [
      [permit(`${ME}, action == Kwanus::Action::"delete", ${ORDER}`), /delete/],
      [permit(`${ME}, ${READ}, resource is Kwanus::Invoice`), /Invoice/],
      [permit(scoped, 'resource.owner == "x"'), /owner/],
    ] as const)
      expect(misfits(policies(text), VOCABULARY)).toEqual([
        { id: 'policies/0.cedar#1', why: expect.stringMatching(reason) },
      ]);
  });
});

const request = (more: Partial<PolicyRequest> = {}): PolicyRequest => ({
  principal: { type: 'Kwanus::Integration', id: SELF },
  action: { type: 'Kwanus::Action', id: 'read' },
  resource: { type: 'Kwanus::Order', id: '1' },
  resourceWorkspace: 'a',
  workspace: 'a',
  fields: ['id'],
  now: Date.UTC(2026, 10, 27),
  ...more,
});

describe('what the analysis evaluates', () => {
  const leaf = fc.constantFrom(
    OWN,
    'context.workspace == "a"',
    'resource.workspace != "b"',
    'resource.workspace like "a*"',
    'context.workspace like "*b*"',
    'context.fields.contains("id")',
    SOME,
    'context.fields.containsAny(["status", "x"])',
    'context.fields.isEmpty()',
    'context.fields == ["id"]',
    'context.now < datetime("2027-01-01")',
    'context.now >= datetime("2026-11-27T00:00:00Z")',
    'resource == Kwanus::Order::"1"',
    'resource in [Kwanus::Order::"2", Kwanus::Order::"1"]',
    'principal is Kwanus::Integration',
    `principal in Kwanus::Integration::"${SELF}"`,
    '["a", "b"].contains(resource.workspace)',
    'resource has workspace',
    'action in [Kwanus::Action::"read", Kwanus::Action::"update"]',
    'true',
  );
  const { condition } = fc.letrec<{ condition: string }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.tuple(tie('condition'), tie('condition')).map(([one, other]) => `(${one}) && (${other})`),
      fc.tuple(tie('condition'), tie('condition')).map(([one, other]) => `(${one}) || (${other})`),
      tie('condition').map((one) => `!(${one})`),
      fc
        .tuple(tie('condition'), tie('condition'), tie('condition'))
        .map(([when, one, other]) => `if (${when}) then (${one}) else (${other})`),
    ),
  }));
  const asked = fc.record({
    resourceWorkspace: fc.constantFrom('a', 'b', 'ab', ''),
    workspace: fc.constantFrom('a', 'b', 'cbd'),
    fields: fc.subarray(['id', 'status', 'x']),
    resource: fc.constantFrom('1', '2', '3').map((id) => ({ type: 'Kwanus::Order', id })),
    action: fc.constantFrom('read', 'update', 'create').map((id) => ({ type: 'Kwanus::Action', id })),
    now: fc.constantFrom(Date.UTC(2026, 10, 27), Date.UTC(2027, 0, 1), Date.UTC(2025, 0, 1)),
  });

  it('is what the engine evaluates', () => {
    fc.assert(
      fc.property(condition, fc.constantFrom('when', 'unless'), asked, (text, kind, more) => {
        const read = policies(`permit(principal, action, resource) ${kind} { ${text} };`);
        const [first] = read;
        if (first === undefined) throw new Error('no policy');
        const engine = confirm(read, request(more)).decision === 'allow';
        expect(applies(first.policy, request(more))).toBe(engine);
      }),
      { numRuns: 250 },
    );
  });

  it('is shown bounded only where no request of any kind leaves the grant', async () => {
    await fc.assert(
      fc.asyncProperty(condition, asked, async (text, more) => {
        const files = [permit(scoped, `(${text}) && ${OWN}`, SOME), permit(scoped, text)];
        for (const file of files) {
          const { undecided, escapes } = await analysis([file]);
          const asks = request(more);
          const within =
            asks.action.id === 'read' &&
            asks.resourceWorkspace === asks.workspace &&
            asks.fields.every((field) => field !== 'x');
          if (undecided === null && escapes.length === 0 && !within)
            expect(confirm(policies(file), asks).decision).toBe('deny');
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('names of resources', () => {
  it('are types that no other resource has', () => {
    expect(resourceType('order')).toBe('Order');
    expect(resourceType('order-line')).toBe('OrderLine');
    const names = [
      'order-line',
      'orderLine',
      'order line',
      'order_line',
      'a-1',
      'a1',
      '1a',
      'A1',
      'é',
      '", x',
    ];
    expect(new Set(names.map(resourceType)).size).toBe(names.length);
    for (const name of names) expect(resourceType(name)).toMatch(/^[A-Z_][A-Za-z0-9_]*$/);
  });
});

describe('a decision', () => {
  const engine = new DecisionEngine(2);
  const set = (grants: readonly Grant[] = [GRANT], ...files: readonly string[]): PermissionSet => ({
    integrationId: SELF,
    grants,
    policies: policies(...files),
    vocabulary: VOCABULARY,
  });
  const decide = (key: string, of: PermissionSet, asks: PolicyRequest): PolicyDecision => {
    engine.prepare(key, of);
    return engine.decide(key, asks);
  };

  it('[PB-4.11] names the permission that permits it, and nothing where none does', () => {
    expect(decide('one', set(), request())).toEqual({ decision: 'allow', policies: ['orders:read'] });
    for (const more of [
      { resourceWorkspace: 'b' },
      { fields: ['id', 'total'] },
      { action: { type: 'Kwanus::Action', id: 'update' } },
      { principal: { type: 'Kwanus::Integration', id: 'globex.hub' } },
    ])
      expect(decide('one', set(), request(more))).toEqual({ decision: 'deny', policies: [] });
  });

  it('ends with the day on which the permission expires', () => {
    const until = set([{ ...GRANT, until: '2027-01-01T00:00:00Z' }]);
    const at = (now: number) => decide('until', until, request({ now })).decision;
    expect([at(Date.UTC(2027, 0, 1) - 1), at(Date.UTC(2027, 0, 1))]).toEqual(['allow', 'deny']);
  });

  it('[PB-4.11] is never widened by a policy of the partner, and may be narrowed by one', () => {
    const blanket = set([GRANT], 'permit(principal, action, resource);');
    expect(decide('blanket', blanket, request())).toEqual({
      decision: 'allow',
      policies: ['policies/0.cedar#1'],
    });
    expect(decide('blanket', blanket, request({ resourceWorkspace: 'b' }))).toEqual({
      decision: 'deny',
      policies: ['boundary'],
    });
    const narrow = set([GRANT], permit(scoped, 'context.workspace == "b"'));
    expect(decide('narrow', narrow, request())).toEqual({ decision: 'deny', policies: [] });
  });

  it('keeps as many sets as it was told to, and answers the same after one was dropped', () => {
    for (const key of ['a', 'b', 'c', 'a', 'c']) expect(decide(key, set(), request()).decision).toBe('allow');
    expect(['a', 'b', 'c'].map((key) => engine.has(key))).toEqual([true, false, true]);
  });

  it('is not misled by names', () => {
    const odd: Grant = {
      ...GRANT,
      id: 'x"); permit(principal, action, resource); //',
      actions: ['re"ad'],
      resource: 'or"der',
      workspace: 'w"1',
    };
    const vocabulary = vocabularyOf([odd]);
    const make = { integrationId: SELF, grants: [odd], policies: [], vocabulary };
    const asks = request({
      action: { type: 'Kwanus::Action', id: 're"ad' },
      resource: { type: qualified(resourceType('or"der')), id: '1' },
      resourceWorkspace: 'w"1',
    });
    expect(decide('odd', make, asks).decision).toBe('allow');
    expect(decide('odd', make, { ...asks, resourceWorkspace: 'w' }).decision).toBe('deny');
  });
});
