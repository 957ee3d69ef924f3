import { describe, expect, it } from '@jest/globals';
import { type Edits, judge, type Loose, manifest, put, said, workflow } from './testing/edited-submission.js';

const FLOW = 'data-access blocks DA705';

/** The minimal submission, whose workflow passes this to the operation that it calls. */
const passes = (orderId: unknown): Edits =>
  workflow((w) =>
    put(w['do']?.[0]?.['register']?.['try']?.[0]?.['send']?.['with'], { parameters: { orderId } }),
  );
const declared = (more: object): Edits => manifest((m) => put(m['dataAccess']?.[0], more));
const rulesOf = async (edits: Edits): Promise<readonly string[]> =>
  said(await judge(edits)).filter((line) => line.includes('DA70'));

describe('[PB-7.04] what workflows take out of the platform’s data', () => {
  it.each([
    ['${ .order.id }'],
    ['${ .order | .id }'],
    ['${ $input.order.id }'],
    ['${ $context.order["status"] }'],
    ['${ .order."id" // .order.status }'],
    ['${ $workflow.input.order.id }'],
    ['${ "\\(.order.id)-\\(.order.status)" }'],
    ['${ {id: .order.id, n: 1.5, text: "see .order.email"} }'],
    ['${ $workflow.id }'],
    ['${ .parcel.email }'],
    ['plain text about .order.email'],
  ])('DA705 is silent: %s', async (expression) => {
    expect(await rulesOf(passes(expression))).toEqual([]);
  });

  it.each([
    ['${ .order.email }', 'order.email'],
    ['${ .order | .email }', 'order.email'],
    ['${ $input.order.email }', 'order.email'],
    ['${ $context.order["email"] }', 'order.email'],
    ['${ .["order"].email }', 'order.email'],
    ['${ .orders[0].customer.email }', 'order.customer.email'],
    ['${ "to \\(.order.email)" }', 'order.email'],
    ['${ {a: 1, b: .order.email} }', 'order.email'],
    ['${ .order.total * 2 + .order.id }', 'order.total'],
    ['${ .order }', 'all of order'],
    ['${ {order} }', 'all of order'],
    ['${ .order | tojson }', 'all of order'],
    ['${ .order as $o | $o.email }', 'all of order'],
    ['${ . }', 'all of order'],
    ['${ [.] }', 'all of order'],
    ['${ [..] }', 'all of order'],
    ['${ to_entries(.) }', 'all of order'],
    ['${ $input }', 'all of order'],
  ])('DA705 fires: %s takes %s', async (expression, what) => {
    const verdict = await judge(passes(expression));
    expect(said(verdict)).toContain(FLOW);
    const messages = verdict.results
      .flatMap(({ findings }) => findings)
      .filter(({ ruleId }) => ruleId === 'DA705');
    expect(messages.map(({ message }) => message)).toEqual([expect.stringContaining(`takes ${what},`)]);
  });

  it('DA705 at its boundary: the field, and what lies in it, is declared by its name; a field that begins like it is another', async () => {
    const fields = { fields: ['id', 'status', 'customer'] };
    expect(await rulesOf({ ...passes('${ .order.customer.name }'), ...declared(fields) })).toEqual([]);
    expect(await rulesOf({ ...passes('${ .order.customerName }'), ...declared(fields) })).toEqual([FLOW]);
  });

  it('DA705: conditions and what is set count; what is only handed on does not', async () => {
    const task = (more: object): Edits =>
      workflow((w) => put(w['do']?.[0]?.['register']?.['try']?.[0]?.['send'], more));
    expect(await rulesOf(task({ if: '.order.total > 5' }))).toEqual([FLOW]);
    expect(await rulesOf(task({ output: { as: '${ . }' } }))).toEqual([]);
    expect(await rulesOf(task({ export: { as: '.order' } }))).toEqual([FLOW]);
  });

  it('DA705: where the event’s schema is submitted, its top fields are the resource’s', async () => {
    const edits: Edits = {
      ...manifest((m) => put(m['events']?.['subscribes']?.[0], { schema: 'events/shipped.json' })),
      'events/shipped.json': JSON.stringify({ type: 'object', properties: { id: {}, email: {} } }),
    };
    expect(await rulesOf({ ...edits, ...passes('${ .email }') })).toEqual([FLOW]);
    expect(await rulesOf({ ...edits, ...passes('${ .id }') })).toEqual([]);
    expect(await rulesOf({ ...edits, ...passes('${ .elsewhere }') })).toEqual([]);
  });
});

describe('[PB-7.04] classes of data', () => {
  const property = (schema: object): Edits => ({
    ...manifest((m) => {
      put(m['events']?.['subscribes']?.[0], { schema: 'events/shipped.json' });
      const access = m['dataAccess']?.[0] as unknown as { fields: string[] };
      access.fields.push('contact');
    }),
    'events/shipped.json': JSON.stringify({ type: 'object', properties: { contact: schema } }),
  });
  const withClass = (edits: Edits, kind: string): Edits => ({
    ...edits,
    'kwanus.yaml': (text: string) => {
      const edit = edits['kwanus.yaml'];
      const edited = typeof edit === 'function' ? edit(text) : text;
      return edited.replace('class: internal', `class: ${kind}`);
    },
  });

  it('DA706 blocks where a schema marks a field with a higher class than its store is declared with', async () => {
    expect(await rulesOf(property({ 'x-data-class': 'personal' }))).toEqual(['data-access blocks DA706']);
  });

  it('DA706 at its boundary: the same class, or a lower one, is covered; an unknown mark says nothing', async () => {
    expect(await rulesOf(property({ 'x-data-class': 'internal' }))).toEqual([]);
    expect(await rulesOf(property({ 'x-data-class': 'secret' }))).toEqual([]);
    expect(await rulesOf(withClass(property({ 'x-data-class': 'personal' }), 'personal'))).toEqual([]);
    expect(await rulesOf(withClass(property({ 'x-data-class': 'payment' }), 'personal'))).toEqual([
      'data-access blocks DA706',
    ]);
  });

  it('DA706 only warns where a format or a name lets it be thought', async () => {
    expect(await rulesOf(property({ type: 'string', format: 'email' }))).toEqual(['data-access warns DA706']);
    const named = manifest((m: Loose) =>
      put(m['dataAccess']?.[0], { fields: ['id', 'status', 'Birth_Date'] }),
    );
    expect(await rulesOf(named)).toEqual(['data-access warns DA706']);
    expect(await rulesOf(withClass(named, 'personal'))).toEqual([]);
  });
});
