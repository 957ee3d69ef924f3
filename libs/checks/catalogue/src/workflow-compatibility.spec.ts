import { describe, expect, it } from '@jest/globals';
import { runChecks, type Verdict } from './index.js';
import {
  context,
  type Edits,
  edited,
  findingsOf,
  type Loose,
  manifest,
  push,
  put,
  workflow,
  yamlEdit,
} from './testing/edited-submission.js';

const compared = async (was: Edits, is: Edits): Promise<Verdict> =>
  runChecks(await edited(is), context({ bases: [await edited(was)] }), {
    checks: ['workflow-compatibility'],
  });
const said = async (was: Edits, is: Edits): Promise<readonly string[]> =>
  (await compared(was, is)).results.flatMap(({ findings }) =>
    findings.map(({ ruleId, severity, message }) => `${severity} ${ruleId} ${message}`),
  );

const declared = (m: Loose): object => m['workflows']?.[0] as object;
const trigger = (value: object): Edits => manifest((m) => put(declared(m), { trigger: value }));
const published = (...types: string[]): Edits =>
  manifest((m) => put(m['events'], { publishes: types.map((type) => ({ type })) }));
const deprecating = (ref: string, sunset: string) => (m: Loose) =>
  put(m['lifecycle'], { deprecates: [{ ref, sunset }] });
const fallback = (more: object): Edits => manifest((m) => put(m['fallback']?.[0], more));
const inFlight = (value: unknown, change: (w: Loose) => void): Edits => ({
  ...manifest((m) => put(declared(m), { inFlight: value })),
  ...workflow(change),
});
const renamed = (w: Loose): void =>
  put(w, { do: [{ announce: w['do']?.[0]?.['register'] }, ...(w['do'] as unknown as object[]).slice(1)] });
const emitting = (type: string) => (w: Loose) =>
  push(w['do'], { tell: { emit: { event: { with: { type } } } } });
const gone = manifest((m) => put(m, { workflows: [], fallback: [] }));

describe('[PB-6.06] WC101 a trigger that is gone', () => {
  it.each([
    ['with its workflow', {}, gone],
    ['renamed', trigger({ event: 'kwanus.order.shipped' }), trigger({ event: 'kwanus.order.sent' })],
    ['of another kind', trigger({ event: 'kwanus.order.shipped' }), trigger({ schedule: 'PT1H' })],
    [
      'before the day that was announced',
      manifest(deprecating('workflow:register-parcel', '2026-11-24')),
      gone,
    ],
    [
      'that only this release announces',
      {},
      {
        'kwanus.yaml': yamlEdit((m) => {
          put(m, { workflows: [], fallback: [] });
          deprecating('workflow:register-parcel', '2026-11-22')(m);
        }),
      },
    ],
  ])('%s fires', async (_, was, is) =>
    expect(await said(was, is)).toEqual([expect.stringMatching(/^blocks WC101/)]),
  );

  it.each([
    ['the same', {}, {}],
    ['another interval', trigger({ schedule: 'PT1H' }), trigger({ schedule: 'PT2H' })],
    ['on the day that was announced', manifest(deprecating('workflow:register-parcel', '2026-11-23')), gone],
    ['a workflow that is new', gone, manifest((m) => put(declared(m), { handlers: [] }))],
  ])('%s is silent', async (_, was, is) => expect(await said(was, is)).toEqual([]));
});

describe('[PB-6.06] WC104 an event that is gone', () => {
  const emits = (type: string): Edits => ({ ...published(type), ...workflow(emitting(type)) });
  it.each([
    ['from the manifest', published('acme.parcel.parked'), published()],
    ['renamed', published('acme.parcel.parked'), published('acme.parcel.held')],
    ['from every workflow', emits('acme.parcel.parked'), published('acme.parcel.parked')],
  ])('%s fires', async (_, was, is) =>
    expect(await said(was, is)).toEqual([expect.stringMatching(/^blocks WC104.*acme\.parcel\.parked/)]),
  );

  it.each([
    ['one more', published('acme.a'), published('acme.a', 'acme.b')],
    ['declared and never emitted', published('acme.a'), published('acme.a')],
    [
      'emitted by another task',
      emits('acme.a'),
      {
        ...emits('acme.a'),
        ...workflow((w) => push(w['do'], { other: { emit: { event: { with: { type: 'acme.a' } } } } })),
      },
    ],
    [
      'after the day that was announced',
      {
        'kwanus.yaml': yamlEdit((m) => {
          put(m['events'], { publishes: [{ type: 'acme.a' }] });
          deprecating('event:acme.a', '2026-11-22')(m);
        }),
      },
      published(),
    ],
  ])('%s is silent', async (_, was, is) => expect(await said(was, is)).toEqual([]));
});

describe('[PB-6.06] WC105 a task that is gone under instances', () => {
  it('fires for every task that is gone, when nothing is said of instances', async () => {
    const found = await said({}, inFlight(undefined, renamed));
    expect(found.length).toBeGreaterThan(1);
    for (const message of found) expect(message).toMatch(/^blocks WC105.*\/do\/register/);
  });

  it.each([['drain'], ['pin']])('is silent with %s', async (how) =>
    expect(await said({}, inFlight(how, renamed))).toEqual([]),
  );

  it('is silent when a task only changed its place', async () =>
    expect(
      await said(
        {},
        inFlight(undefined, (w) =>
          put(w, { do: [{ first: { set: { a: 1 } } }, ...(w['do'] as unknown as object[])] }),
        ),
      ),
    ).toEqual([]));

  it('takes a map of tasks that names every one and leads to what is there', async () => {
    const tasks = findingsOf(await compared({}, inFlight(undefined, renamed)), 'WC105').map(
      ({ message }) => /\/do\/\S+/.exec(message)?.[0] ?? '',
    );
    const to = (target: string) => Object.fromEntries(tasks.map((task) => [task, target]));
    expect(await said({}, inFlight({ migrate: to('/do/announce') }, renamed))).toEqual([]);
    expect(await said({}, inFlight({ migrate: to('/do/nowhere') }, renamed))).toHaveLength(tasks.length);
    const [first = '', ...rest] = tasks;
    const allButOne = Object.fromEntries(rest.map((task) => [task, '/do/announce']));
    expect(await said({}, inFlight({ migrate: allButOne }, renamed))).toEqual([
      expect.stringContaining(`${first} is gone`),
    ]);
  });
});

describe('[PB-6.06] [PB-6.02] WC107 a weaker fallback', () => {
  const both = { on: ['timeout', '5xx'], maxDelay: 'PT1H' };
  it.each([
    ['a case less', fallback(both), fallback({ ...both, on: ['timeout'] }), /no longer covers 5xx/],
    [
      'a longer delay',
      fallback({ ...both, on: ['timeout'] }),
      fallback({ on: ['timeout'], maxDelay: 'PT61M' }),
      /PT61M/,
    ],
    [
      'no delay named',
      fallback({ ...both, on: ['timeout'] }),
      fallback({ on: ['timeout'], maxDelay: undefined }),
      /any time/,
    ],
    [
      'for a part only',
      fallback({ on: ['timeout'] }),
      fallback({ on: ['timeout'], for: 'workflow:register-parcel/do/register' }),
      /no longer/,
    ],
  ])('fires for %s', async (_, was, is, expected) => {
    const found = await said(was, is);
    expect(found).toEqual([expect.stringMatching(/^blocks WC107/)]);
    expect(found[0]).toMatch(expected);
  });

  it.each([
    ['the same delay in other words', fallback({ maxDelay: 'PT1H' }), fallback({ maxDelay: 'PT60M' })],
    ['a shorter one', fallback({ maxDelay: 'P1D' }), fallback({ maxDelay: 'PT23H' })],
    ['one that is named first now', fallback({ maxDelay: undefined }), fallback({ maxDelay: 'P1D' })],
    ['a case more', fallback({ on: ['timeout'] }), fallback({ on: ['timeout', '5xx'] })],
    [
      'for the whole instead of a part',
      fallback({ for: 'workflow:register-parcel/do/register' }),
      fallback({}),
    ],
    [
      'the case in an entry of its own',
      fallback({ on: ['timeout', '5xx'] }),
      manifest((m) => {
        put(m['fallback']?.[0], { on: ['timeout'] });
        push(m['fallback'], { ...m['fallback']?.[0], on: ['5xx'] });
      }),
    ],
  ])('is silent for %s', async (_, was, is) => expect(await said(was, is)).toEqual([]));
});

describe('[PB-6.06] WC108 a catch that catches less', () => {
  const caught = (w: Loose) => w['do']?.[0]?.['register']?.['catch'];
  const only = { errors: { with: { status: 503 } } };
  const parked = fallback({ on: ['error'] });
  it('warns when a condition came, and when the catch went', async () => {
    expect(await said({}, { ...workflow((w) => put(caught(w), only)), ...parked })).toEqual([
      expect.stringMatching(/^warns WC108/),
    ]);
    const without = workflow((w) => put(w['do']?.[0]?.['register'], { catch: undefined }));
    expect(await said({}, { ...without, ...parked })).toEqual([expect.stringMatching(/^warns WC108/)]);
  });

  it('is silent when a condition went', async () =>
    expect(
      await said(
        workflow((w) => put(caught(w), only)),
        {},
      ),
    ).toEqual([]));
});

describe('[PB-6.06] WC102 an input that asks for more, WC103 an output that gives less', () => {
  const schema = (...required: string[]): string =>
    JSON.stringify({ type: 'object', properties: { id: { type: 'string' } }, required });
  const typed = (part: 'input' | 'output', ...required: string[]): Edits => ({
    ...manifest((m) => put(declared(m), { [part]: { schema: 'wf/schema.json' } })),
    'wf/schema.json': schema(...required),
  });

  it('fires', async () => {
    expect(await said(typed('input'), typed('input', 'id'))).toEqual([
      expect.stringMatching(/^blocks WC102.*payload\/id/),
    ]);
    expect(await said(typed('output', 'id'), typed('output'))).toEqual([
      expect.stringMatching(/^blocks WC103.*payload\/id/),
    ]);
  });

  it('is silent the other way round, and where there was no schema', async () => {
    expect(await said(typed('input', 'id'), typed('input'))).toEqual([]);
    expect(await said(typed('output'), typed('output', 'id'))).toEqual([]);
    expect(await said({}, typed('input', 'id'))).toEqual([]);
  });
});

describe('the check', () => {
  it('passes where nothing changed and every path ends, and keeps what it found when one does not', async () => {
    expect((await compared({}, {})).results[0]).toMatchObject({ outcome: 'passed' });
    expect((await compared({}, trigger({ schedule: 'PT1H' }))).results[0]).toMatchObject({
      outcome: 'failed',
      facts: { simulation: [{ workflow: 'register-parcel', failing: 0 }] },
    });
  });

  it('passes where there is no workflow, now and before', async () =>
    expect((await compared(gone, gone)).results[0]).toMatchObject({ outcome: 'passed' }));

  it('can’t tell against a live version that can’t be read any more', async () =>
    expect((await compared({ 'workflows/register-parcel.yaml': 'a: [' }, {})).results[0]).toMatchObject({
      outcome: 'inconclusive',
    }));

  it('says once what holds against several live versions', async () => {
    const bases = [await edited(), await edited()];
    const { results } = await runChecks(await edited(trigger({ schedule: 'PT1H' })), context({ bases }), {
      checks: ['workflow-compatibility'],
    });
    expect(results[0]?.findings).toHaveLength(1);
  });
});
