import { describe, expect, it } from '@jest/globals';
import {
  analysePolicies,
  confirm,
  type Grant,
  misfits,
  type PartnerPolicy,
  readPolicies,
  vocabularyOf,
} from './index.js';

const SELF = 'acme.parcels';
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
const ME = `principal == Kwanus::Integration::"${SELF}"`;
const READ = 'action == Kwanus::Action::"read"';
const SCOPE = `${ME}, ${READ}, resource is Kwanus::Order`;
const OWN = 'resource.workspace == context.workspace';
const SOME = '["id", "status"].containsAll(context.fields)';
const CLOSED = `{ ${OWN} && ${SOME} }`;
const permit = (scope: string, rest: string): string => `permit(${scope}) ${rest};`;

/** Written from the words of the issue, before the analysis was read. Each lets through what no declared permission covers. */
const HOSTILE: readonly (readonly [title: string, ...files: readonly string[]])[] = [
  ['nothing but a permit', 'permit(principal, action, resource);'],
  ['a permit with `when { true }`', permit('principal, action, resource', 'when { true }')],
  ['`unless { false }`', permit(SCOPE, 'unless { false }')],
  ['`when { true || … }`', permit(SCOPE, `when { true || ${OWN} } when { ${SOME} }`)],
  ['`when { … || true }` behind a guard', permit(SCOPE, `when { ${SOME} } when { ${OWN} || true }`)],
  [
    'any integration, said by `is`',
    permit(`principal is Kwanus::Integration, ${READ}, resource is Kwanus::Order`, `when ${CLOSED}`),
  ],
  [
    'any integration, said by a condition',
    permit(
      `principal, ${READ}, resource is Kwanus::Order`,
      `when { principal is Kwanus::Integration } when ${CLOSED}`,
    ),
  ],
  [
    'any action, said by a condition',
    permit(
      `${ME}, action, resource is Kwanus::Order`,
      `when { action == Kwanus::Action::"read" || action != Kwanus::Action::"read" } when ${CLOSED}`,
    ),
  ],
  [
    'all actions in a list',
    permit(
      `${ME}, action in [Kwanus::Action::"read", Kwanus::Action::"create", Kwanus::Action::"update"], resource is Kwanus::Order`,
      `when ${CLOSED}`,
    ),
  ],
  ['a tautology of numbers', permit(SCOPE, `when { 1 < 2 } when { ${SOME} }`)],
  ['a tautology of sums', permit(SCOPE, `when { ${OWN} || 2 + 2 == 4 } when { ${SOME} }`)],
  ['a tautology of products and signs', permit(SCOPE, `when { ${OWN} || 3 * 2 > -1 } when { ${SOME} }`)],
  [
    'a tautology of numbers that only 64 bits tell apart',
    permit(SCOPE, `when { ${OWN} || 9007199254740993 != 9007199254740992 } when { ${SOME} }`),
  ],
  [
    'a sum that is too large',
    permit(SCOPE, `when { ${OWN} || 9007199254740991 + 2 != 9007199254740992 } when { ${SOME} }`),
  ],
  ['a tautology of text', permit(SCOPE, `when { ${OWN} || "a" == "a" } when { ${SOME} }`)],
  ['a tautology of text by a pattern', permit(SCOPE, `when { ${OWN} || "abc" like "a*" } when { ${SOME} }`)],
  [
    'a variable that equals itself',
    permit(SCOPE, `when { resource.workspace == resource.workspace } when { ${SOME} }`),
  ],
  ['a principal that equals itself', permit(SCOPE, `when { principal == principal } when { ${SOME} }`)],
  [
    'a set that contains itself',
    permit(SCOPE, `when { ${OWN} } when { context.fields.containsAll(context.fields) }`),
  ],
  [
    'a set that contains any of itself, or nothing',
    permit(
      SCOPE,
      `when { ${OWN} } when { context.fields.containsAny(context.fields) || !context.fields.containsAny(context.fields) }`,
    ),
  ],
  ['`like "*"` for the workspace', permit(SCOPE, `when { resource.workspace like "*" } when { ${SOME} }`)],
  ['`like "**"` for the workspace', permit(SCOPE, `when { resource.workspace like "**" } when { ${SOME} }`)],
  [
    'a workspace that begins like ours',
    permit(SCOPE, `when { resource.workspace like "w-*" } when { ${SOME} }`),
  ],
  [
    'a wildcard where an id belongs',
    permit(
      `${ME}, ${READ}, resource is Kwanus::Order`,
      `when { resource.workspace == "*" || resource.workspace != "*" } when { ${SOME} }`,
    ),
  ],
  [
    '`has` of an attribute that is always there',
    permit(SCOPE, `when { context has workspace } when { ${SOME} }`),
  ],
  ['`has` beside an or', permit(SCOPE, `when { ${OWN} || context has fields } when { ${SOME} }`)],
  [
    'halves over two policies of one file',
    `${permit(SCOPE, `when { resource.workspace like "a*" } when { ${SOME} }`)} ${permit(SCOPE, `unless { resource.workspace like "a*" } when { ${SOME} }`)}`,
  ],
  [
    'thirds over three files',
    permit(SCOPE, `when { context.workspace == "a" } when { ${SOME} }`),
    permit(SCOPE, `when { context.workspace == "b" } when { ${SOME} }`),
    permit(SCOPE, `when { context.workspace != "a" && context.workspace != "b" } when { ${SOME} }`),
  ],
  [
    'halves over moments',
    permit(SCOPE, `when { context.now < datetime("2030-01-01") } when { ${SOME} }`),
    permit(SCOPE, `when { context.now >= datetime("2030-01-01") } when { ${SOME} }`),
  ],
  [
    'a forbid for somebody else',
    permit(SCOPE, `when { ${SOME} }`),
    `forbid(principal == Kwanus::Integration::"globex.parcels", action, resource) unless { ${OWN} };`,
  ],
  [
    'a forbid for another action',
    permit(SCOPE, `when { ${SOME} }`),
    `forbid(principal, action == Kwanus::Action::"update", resource) unless { ${OWN} };`,
  ],
  [
    'a forbid that never holds',
    permit(SCOPE, `when { ${SOME} }`),
    `forbid(principal, action, resource) when { 1 == 2 && !(${OWN}) };`,
  ],
  [
    'a forbid with a way out',
    permit(SCOPE, `when { ${SOME} }`),
    `forbid(principal, action, resource) unless { ${OWN} || resource.workspace like "*" };`,
  ],
  ['an `unless` that turns the guard round', permit(SCOPE, `unless { ${OWN} } when { ${SOME} }`)],
  [
    'an `unless` that closes one workspace',
    permit(SCOPE, `unless { resource.workspace == "closed" } when { ${SOME} }`),
  ],
  ['`unless` of a contradiction', permit(SCOPE, `unless { ${OWN} && !(${OWN}) } when { ${SOME} }`)],
  [
    'an `if` that hides an or',
    permit(SCOPE, `when { if ${OWN} then true else resource.workspace != "x" } when { ${SOME} }`),
  ],
  [
    'an `if` with the same both ways',
    permit(SCOPE, `when { if 1 == 1 then true else ${OWN} } when { ${SOME} }`),
  ],
  ['fields that must not be empty', permit(SCOPE, `when { ${OWN} } when { context.fields != [] }`)],
  ['one field that is left out', permit(SCOPE, `when { ${OWN} } unless { context.fields.contains("iban") }`)],
  ['one field that is there', permit(SCOPE, `when { ${OWN} } when { context.fields.contains("id") }`)],
  [
    'containsAny for containsAll',
    permit(SCOPE, `when { ${OWN} } when { context.fields.containsAny(["id", "status"]) }`),
  ],
  [
    'another resource beside ours',
    permit(
      `${ME}, action == Kwanus::Action::"create", resource`,
      `when { resource is Kwanus::Payout || resource is Kwanus::Order } when { ${OWN} }`,
    ),
  ],
  ['a double negation of nothing', permit(SCOPE, `when { !!(${OWN}) || !false } when { ${SOME} }`)],
  [
    'De Morgan',
    permit(SCOPE, `when { !(!(${OWN}) && resource.workspace == context.workspace) } when { ${SOME} }`),
  ],
  ['a template that is linked by nobody', 'permit(principal == ?principal, action, resource);'],
  ['a template for the resource', `permit(${ME}, ${READ}, resource in ?resource);`],
];

/** Each stays inside the declared permission, however it is written. */
const BENIGN: readonly (readonly [title: string, ...files: readonly string[]])[] = [
  ['a contradiction of sums beside an or', permit(SCOPE, `when { ${OWN} || 2 + 2 == 5 } when { ${SOME} }`)],
  ['the permission itself', permit(SCOPE, `when ${CLOSED}`)],
  ['two conditions for one', permit(SCOPE, `when { ${OWN} } when { ${SOME} }`)],
  [
    'the guard the other way round',
    permit(SCOPE, `when { context.workspace == resource.workspace } when { ${SOME} }`),
  ],
  [
    'an `unless` that says the same',
    permit(SCOPE, `unless { resource.workspace != context.workspace } unless { !(${SOME}) }`),
  ],
  ['a double negation', permit(SCOPE, `when { !(!(${OWN})) } when { ${SOME} }`)],
  ['De Morgan', permit(SCOPE, `when { !(!(${OWN}) || !(${SOME})) }`)],
  ['an `if` that says the same', permit(SCOPE, `when { if ${OWN} then ${SOME} else false }`)],
  ['one field only', permit(SCOPE, `when { ${OWN} } when { context.fields == ["id"] }`)],
  [
    'one workspace of our own',
    permit(SCOPE, `when { ${OWN} && context.workspace == "w-17" } when { ${SOME} }`),
  ],
  [
    'our workspaces that begin so',
    permit(SCOPE, `when { ${OWN} && context.workspace like "w-*" } when { ${SOME} }`),
  ],
  [
    'an or of two that are inside',
    permit(
      SCOPE,
      `when { (${OWN} && context.fields == ["id"]) || (${OWN} && context.fields == ["status"]) }`,
    ),
  ],
  ['a tautology beside the guards', permit(SCOPE, `when { 1 == 1 } when ${CLOSED}`)],
  ['`has` beside the guards', permit(SCOPE, `when { resource has workspace } when ${CLOSED}`)],
  ['`like "*"` beside the guards', permit(SCOPE, `when { resource.workspace like "*" } when ${CLOSED}`)],
  ['until a day', permit(SCOPE, `when { context.now < datetime("2030-01-01") } when ${CLOSED}`)],
  [
    'the action in a list of one',
    permit(`${ME}, action in [${'Kwanus::Action::"read"'}], resource is Kwanus::Order`, `when ${CLOSED}`),
  ],
  [
    'the principal by `is` and a name',
    permit(
      `principal is Kwanus::Integration, ${READ}, resource is Kwanus::Order`,
      `when { ${ME} } when ${CLOSED}`,
    ),
  ],
  [
    'a blanket permit that a forbid closes',
    'permit(principal, action, resource);',
    `forbid(principal, action, resource) unless { ${ME} && ${READ} && resource is Kwanus::Order && ${OWN} && ${SOME} };`,
  ],
  [
    'a forbid more than is needed',
    permit(SCOPE, `when ${CLOSED}`),
    `forbid(principal, action, resource) when { context.fields.contains("status") };`,
  ],
  [
    'halves that are both inside',
    permit(SCOPE, `when ${CLOSED} when { context.workspace == "a" }`),
    permit(SCOPE, `when ${CLOSED} when { context.workspace != "a" }`),
  ],
  ['what never holds', permit('principal, action, resource', 'when { false }')],
  ['a contradiction of text', permit(SCOPE, `when { context.workspace == "a" && context.workspace == "b" }`)],
];

type Judged = 'let in' | 'escapes' | 'refused';

/** What comes of the policies: let in, or caught with a request that gets through, or not read at all. */
async function judged(files: readonly string[]): Promise<{ readonly as: Judged; readonly why: string }> {
  const policies: PartnerPolicy[] = [];
  for (const [index, text] of files.entries()) {
    const read = readPolicies(text, { path: `policies/${index}.cedar`, permission: GRANT.id });
    if ('refused' in read) return { as: 'refused', why: read.refused };
    policies.push(...read);
  }
  const unfit = misfits(policies, VOCABULARY);
  if (unfit.length > 0) return { as: 'refused', why: JSON.stringify(unfit) };
  const analysis = await analysePolicies({
    integrationId: SELF,
    policies,
    grants: [GRANT],
    vocabulary: VOCABULARY,
  });
  const [escape] = analysis.escapes;
  if (escape !== undefined) {
    expect(confirm(policies, escape.witness).decision).toBe('allow');
    return { as: 'escapes', why: JSON.stringify(escape.witness) };
  }
  return analysis.undecided === null
    ? { as: 'let in', why: '' }
    : { as: 'refused', why: JSON.stringify(analysis.undecided) };
}

describe('a corpus of policies that was written before the analysis was read', () => {
  it.each(HOSTILE)('[PB-7.05] catches %s', async (_, ...files) => {
    expect((await judged(files)).as).not.toBe('let in');
  });

  it('[PB-7.05] shows the request that gets through for all but those that are not read or followed', async () => {
    const refused: string[] = [];
    for (const [title, ...files] of HOSTILE) if ((await judged(files)).as === 'refused') refused.push(title);
    expect(refused).toEqual([
      'a tautology of numbers that only 64 bits tell apart',
      'a sum that is too large',
      'a set that contains itself',
      'a set that contains any of itself, or nothing',
      'fields that must not be empty',
      'a template that is linked by nobody',
      'a template for the resource',
    ]);
  });

  it.each(BENIGN)('[PB-4.11] lets in %s', async (_, ...files) => {
    expect(await judged(files)).toEqual({ as: 'let in', why: '' });
  });
});
