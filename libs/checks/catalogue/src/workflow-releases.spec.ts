import { describe, expect, it } from '@jest/globals';
import { runChecks, type Verdict } from './index.js';
import {
  context,
  contract,
  type Edits,
  edited,
  type Loose,
  manifest,
  push,
  put,
  REGISTERED,
  registry,
  workflow,
  yamlEdit,
} from './testing/edited-submission.js';

const said = (verdict: Verdict): readonly string[] =>
  verdict.results.flatMap(({ findings }) =>
    findings.map(({ ruleId, severity, message }) => `${severity} ${ruleId} ${message}`),
  );
const compared = async (was: Edits, is: Edits, more = {}): Promise<Verdict> =>
  runChecks(await edited(is), context({ bases: [await edited(was)], ...more }), {
    checks: ['workflow-compatibility'],
  });
const judged = async (edits: Edits): Promise<readonly string[]> =>
  said(await runChecks(await edited(edits), context(), { checks: ['workflow-fallback'] }));

const declared = (m: Loose): object => m['workflows']?.[0] as object;
const register = (w: Loose): Loose => w['do']?.[0]?.['register'] as Loose;
const send = (w: Loose): Loose => register(w)['try']?.[0]?.['send'] as Loose;
const retried = (w: Loose): void =>
  put(register(w)['catch'], { retry: { limit: { attempt: { count: 3 } } } });

describe('[PB-4.08] WF014 a call that is tried again', () => {
  const again = /^warns WF014 register-parcel: the call \/do\/register\/try\/send is a POST/;
  it.each([
    ['by its try', workflow(retried)],
    [
      'by a try further out',
      workflow((w) => {
        const inner = { ...register(w) };
        put(register(w), {
          try: [{ register: inner }],
          catch: { retry: { limit: { attempt: { count: 2 } } }, do: [] },
        });
        put(w, { do: [{ outer: w['do']?.[0]?.['register'] }] });
      }),
    ],
    ['by its fallback', manifest((m) => put(m['fallback']?.[0], { do: 'retry' }))],
  ])('fires for a POST %s', async (_, edits) =>
    expect(await judged(edits)).toEqual([expect.stringMatching(/^warns WF014 .* is a POST/)]),
  );

  it('says what is repeated, and where', async () => {
    const { results } = await runChecks(await edited(workflow(retried)), context(), {
      checks: ['workflow-fallback'],
    });
    expect(said({ results } as Verdict)).toEqual([expect.stringMatching(again)]);
    expect(results[0]?.findings[0]).toMatchObject({
      file: 'workflows/register-parcel.yaml',
      pointer: '/do/0/register/try/0/send',
      line: expect.any(Number),
      why: expect.stringMatching(/\S/),
      remedy: expect.stringContaining('Idempotency-Key'),
    });
    expect(results[0]?.outcome).toBe('passed');
  });

  it.each([
    ['nothing is tried again', {}],
    [
      'the call has a key',
      workflow((w) => {
        retried(w);
        put(send(w)['with'], { headers: { 'idempotency-key': '${ .event.id }' } });
      }),
    ],
    [
      'the key is a parameter',
      workflow((w) => {
        retried(w);
        put(send(w)['with']?.['parameters'], { 'Idempotency-Key': '${ .event.id }' });
      }),
    ],
    [
      'no contract tells the method',
      workflow((w) => {
        retried(w);
        put(register(w), { try: [{ other: { call: 'openapi', with: { operationId: 'elsewhere' } } }] });
      }),
    ],
  ])('is silent where %s', async (_, edits) => expect(await judged(edits)).toEqual([]));

  it.each([
    ['PATCH', 1],
    ['PUT', 0],
    ['DELETE', 0],
    ['get', 0],
    ['post', 1],
  ])('stands at the boundary between methods: %s', async (method, count) =>
    expect(
      await judged(
        workflow((w) => {
          retried(w);
          put(send(w), { call: 'http', with: { method, endpoint: 'https://api.acme.example/parcels' } });
        }),
      ),
    ).toHaveLength(count),
  );
});

describe('[PB-4.08] WF011 a fallback to the dependency that has just failed', () => {
  const GET = { call: 'openapi', with: { operationId: 'getParcel', parameters: { id: '1' } } };
  const http = (endpoint: string): object => ({ call: 'http', with: { method: 'GET', endpoint } });
  const caught = (task: object, clause: object = {}): Edits =>
    workflow((w) => put(register(w), { catch: { ...clause, do: [{ again: task }] } }));
  const depending = async (edits: Edits): Promise<readonly string[]> =>
    (await judged(edits)).filter((line) => line.includes('WF011'));
  const at = (host: string): Edits =>
    contract((c) =>
      put(c['paths']?.['/parcels/{id}']?.['get'], { servers: [{ url: `https://${host}/v1` }] }),
    );

  it.each([
    ['another operation of its API', caught(GET)],
    ['its host, by address', caught(http('https://API.acme.example:443/health'))],
    ['it after a timeout', caught(GET, { errors: { with: { type: 'https://x.example/errors/timeout' } } })],
    [
      'it after a 5xx that is told apart',
      caught(GET, { errors: { with: { status: 502 } }, when: '${ .a }' }),
    ],
    ['it further in', caught({ do: [{ deep: GET }] })],
  ])('fires for %s', async (_, edits) =>
    expect(await depending(edits)).toEqual([
      expect.stringMatching(
        /falls back to api\.acme\.example, which has just failed with \/do\/register\/try\/send\.$/,
      ),
    ]),
  );

  it.each([
    ['another host', caught(http('https://status.acme.example/health'))],
    ['a host that is put together', caught(http('https://${ .host }/health'))],
    ['an operation with a server of its own', { ...caught(GET), ...at('read.acme.example') }],
    ['what answered', caught(GET, { errors: { with: { status: 409 } } })],
    ['what may have answered', caught(GET, { when: '${ .error.status == 409 }' })],
    [
      'a call that falls back further',
      caught({ try: [{ inner: GET }], catch: { do: [{ park: { set: { a: 1 } } }] } }),
    ],
  ])('is silent about %s', async (_, edits) => expect(await depending(edits)).toEqual([]));

  it('names the same operation in any case', async () => {
    const again = caught({ call: 'openapi', with: { operationId: 'registerParcel' } }, { when: '${ .a }' });
    expect(await depending(again)).toEqual([expect.stringMatching(/the operation that has just failed\.$/)]);
  });
});

describe('[PB-6.06] WC106 a permission that no workflow used', () => {
  const unused = manifest((m) => put(m['workflows']?.[0]?.['handlers']?.[0], { permission: undefined }));

  it('warns of one that the registry holds, and makes the rollout a controlled one', async () => {
    const verdict = await compared(unused, {});
    expect(said(verdict)).toEqual([
      expect.stringMatching(
        /^warns WC106 register-parcel uses orders:read, which no workflow used \(since 1/,
      ),
    ]);
    expect(verdict.results[0]?.outcome).toBe('passed');
    expect(verdict.facts.newPermissions).toEqual(['orders:read']);
  });

  it('blocks where nobody has approved it', async () => {
    for (const { registry: known } of [registry({ status: 'proposed' }), registry({ id: 'orders:list' })])
      expect(said(await compared(unused, {}, { registry: known }))).toEqual([
        expect.stringMatching(/^blocks WC106 .* nobody has approved/),
      ]);
  });

  it('is silent where it was used before, by another workflow too, and in a first release', async () => {
    expect(said(await compared({}, {}))).toEqual([]);
    const moved = manifest((m) => {
      push(m['workflows'], { ...declared(m), id: 'other', trigger: { schedule: 'PT1H' } });
      push(m['fallback'], { ...m['fallback']?.[0], for: 'workflow:other' });
    });
    expect(said(await compared({}, moved))).toEqual([]);
    const first = await runChecks(await edited(), context(), { checks: ['workflow-compatibility'] });
    expect([said(first), first.facts.newPermissions]).toEqual([[], []]);
  });

  it('stands at the boundary: the newest live version counts, an older one does not', async () => {
    const newest = { ...registry({}), bases: [await edited(), await edited(unused)] };
    const older = { ...registry({}), bases: [await edited(unused), await edited()] };
    expect(said(await compared({}, {}, newest))).toEqual([]);
    expect(said(await compared({}, {}, older))).toHaveLength(1);
    expect(REGISTERED.status).toBe('active');
  });
});

describe('[PB-6.06] WC109 a call that is given up sooner than its callee answers', () => {
  const promising = contract((c) => put(c['paths']?.['/parcels']?.['post'], { 'x-latency-p99': 'PT2S' }));
  const within = (after: unknown): Edits => ({
    ...promising,
    ...workflow((w) => put(send(w), { timeout: { after } })),
  });

  it.each([
    ['from none', promising, within('PT1.9S')],
    ['from a longer one', within('PT30S'), within({ seconds: 1 })],
    ['from one that was too short already', within({ seconds: 1, milliseconds: 500 }), within('PT1S')],
    [
      'that of what it stands in',
      promising,
      { ...promising, ...workflow((w) => put(register(w), { timeout: { after: 'PT1S' } })) },
    ],
    [
      'that of the workflow',
      promising,
      { ...promising, ...workflow((w) => put(w, { timeout: { after: 'PT1S' } })) },
    ],
  ])('warns of a timeout %s', async (_, was, is) =>
    expect(said(await compared(was, is))).toEqual([
      expect.stringMatching(/^warns WC109 register-parcel: \/do\/register\/try\/send .* within 2 s/),
    ]),
  );

  it.each([
    ['is the promised time exactly', within('PT30S'), within('PT2S')],
    ['stayed', within('PT1S'), within('PT1S')],
    ['became longer', within('PT1S'), within('PT1.5S')],
    ['went', within('PT1S'), promising],
    [
      'is shorter than what nobody promised',
      {},
      workflow((w) => put(send(w), { timeout: { after: 'PT1S' } })),
    ],
    ['can’t be read', promising, within('soon')],
  ])('is silent where it %s', async (_, was, is) => expect(said(await compared(was, is))).toEqual([]));
});

describe('[PB-6.06] [PB-6.04] WC110 a version that says less than what became of the workflows', () => {
  const version = (number: string, change: (m: Loose) => void = () => undefined): Edits => ({
    'kwanus.yaml': yamlEdit((m) => {
      put(m['metadata'], { version: number });
      change(m);
    }),
  });
  const hourly = (m: Loose): void => put(declared(m), { trigger: { schedule: 'PT1H' } });
  const more = (m: Loose): void =>
    put(m['events'], { publishes: [{ type: 'acme.parcel.parked', version: '1.0.0' }] });
  const rules = async (was: Edits, is: Edits): Promise<readonly string[]> =>
    said(await compared(was, is))
      .map((text) => text.split(' ').slice(0, 2).join(' '))
      .sort();

  it('fires for a minor step over a trigger that is gone, and a patch over an event that is new', async () => {
    expect(await rules({}, version('1.1.0', hourly))).toEqual(['blocks WC101', 'blocks WC110']);
    expect(said(await compared({}, version('1.0.1', more)))).toEqual([
      expect.stringMatching(
        /^blocks WC110 .* needs a minor version; 1\.0\.1 is a patch step \(since 1\.0\.0\)/,
      ),
    ]);
  });

  it('is silent for a step that is as wide as it must be, and where nothing changed', async () => {
    expect(await rules({}, version('2.0.0', hourly))).toEqual(['blocks WC101']);
    expect(await rules({}, version('1.1.0', more))).toEqual([]);
    expect(await rules({}, version('1.0.1'))).toEqual([]);
  });

  it('stands at the boundary: before 1.0.0 the second number breaks, and what is not newer is SV401', async () => {
    expect(await rules(version('0.1.0'), version('0.2.0', hourly))).toEqual(['blocks WC101']);
    expect(await rules(version('0.1.0'), version('0.1.1', hourly))).toEqual(['blocks WC101', 'blocks WC110']);
    expect(await rules({}, version('1.0.0', hourly))).toEqual(['blocks WC101']);
    expect(await rules({}, version('0.9.0', more))).toEqual([]);
  });
});
