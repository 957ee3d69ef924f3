import { describe, expect, it } from '@jest/globals';
import { own } from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';
import { runChecks, traceLines, traceOf, traceSvg, type Verdict, verdictBytes } from './index.js';
import {
  context,
  type Edits,
  edited,
  findingsOf,
  goesOn,
  manifest,
  put,
} from './testing/edited-submission.js';
import { shownTrace } from './workflow/trace.js';

const CALL = { call: 'openapi', with: { operationId: 'registerParcel' } };
const PARKED = [{ park: { set: { parked: true } } }];
const ALL = ['4xx', '5xx', 'timeout', 'invalid-body', 'permission-denied'];

const flow = (tasks: readonly object[], more: object = {}): Edits => ({
  'workflows/register-parcel.yaml': JSON.stringify({
    document: { dsl: '1.0.0', namespace: 'acme', name: 'register-parcel', version: '1.0.0' },
    do: tasks,
    ...more,
  }),
});
const covering = (cases: readonly string[], more: object = {}): Edits =>
  manifest((m) => put(m['fallback']?.[0], { on: cases, ...more }));
const simulated = async (edits: Edits): Promise<Verdict> =>
  runChecks(await edited(edits), context(), { checks: ['workflow-compatibility'] });
const said = (verdict: Verdict): readonly string[] =>
  verdict.results.flatMap(({ findings }) => findings.map(({ ruleId, message }) => `${ruleId} ${message}`));
const record = ({ results }: Verdict): Json | undefined => {
  const list = results[0]?.facts['simulation'];
  return Array.isArray(list) ? (list[0] as Json) : undefined;
};
const linesOf = ({ results }: Verdict): readonly string[] => {
  const [trace] = results.flatMap(({ findings }) => findings.flatMap((finding) => traceOf(finding) ?? []));
  return trace === undefined ? [] : traceLines(trace);
};
const attempt = (clause: object, tasks: readonly object[] = [{ send: CALL }]): object => ({
  push: { try: tasks, catch: clause },
});

describe('[PB-6.06] [PB-4.08] WF018 a path that is lost', () => {
  it.each([
    ['what no catch takes and no fallback covers', [{ send: CALL }], '4xx, invalid body'],
    [
      'what the catch leaves out by type',
      [
        attempt({
          errors: { with: { type: 'https://serverlessworkflow.io/spec/1.0.0/errors/timeout' } },
          do: PARKED,
        }),
      ],
      '4xx, invalid body',
    ],
    [
      'what the catch may leave out when it runs',
      [attempt({ when: '${ .status != 404 }', do: PARKED })],
      '4xx, invalid body',
    ],
    ['one status of many', [attempt({ errors: { with: { status: 404 } }, do: PARKED })], '4xx, invalid body'],
    [
      'retries that are used up, with nothing to do then',
      [attempt({ retry: { limit: { attempt: { count: 3 } } } })],
      '4xx, invalid body',
    ],
    ['a failure of what the catch does', [attempt({ do: [{ again: CALL }] })], '4xx, invalid body'],
    ['an error that is raised', [{ stop: { raise: { error: { type: 'a', status: 400 } } } }], 'raised error'],
    [
      'one branch of a fork',
      [{ both: { fork: { branches: [{ a: { set: { x: 1 } } }, { b: CALL }] } } }],
      '4xx, invalid body',
    ],
    ['a way to what is not there', [goesOn('nowhere', { set: { a: 1 } })].map((step) => ({ step })), ''],
  ])('fires for %s', async (_, tasks, outcomes) => {
    const verdict = await simulated(flow(tasks));
    expect(said(verdict)).toEqual([expect.stringMatching(/^WF018 /)]);
    expect(said(verdict)[0]).toContain(outcomes);
    expect(verdict.results[0]?.outcome).toBe('failed');
  });

  it.each([
    ['a catch of everything', flow([attempt({ do: PARKED })])],
    ['a catch that only goes on', flow([attempt({})])],
    [
      'retries with something to do when they are used up',
      flow([attempt({ retry: { limit: { duration: 'PT1M' } }, do: PARKED })]),
    ],
    [
      'the catch of an outer try',
      flow([{ outer: { try: [attempt({ errors: { with: { status: 404 } } })], catch: { do: PARKED } } }]),
    ],
    ['a fallback that names every case', { ...flow([{ send: CALL }]), ...covering(ALL) }],
    ['a fallback that names any error', { ...flow([{ send: CALL }]), ...covering(['error']) }],
    [
      'a raised error of a class that is covered',
      flow([{ stop: { raise: { error: { type: 'a', status: 503 } } } }]),
    ],
    ['a workflow without a call', flow([{ note: { set: { a: 1 } } }])],
  ])('is silent for %s', async (_, edits) => {
    const verdict = await simulated(edits);
    expect(said(verdict)).toEqual([]);
    expect(verdict.results[0]?.outcome).toBe('passed');
  });

  it('stands at the boundary: one case less than all is lost, and a fallback for a part covers that part only', async () => {
    for (const missing of ['4xx', '5xx', 'timeout', 'invalid-body'])
      expect(
        said(
          await simulated({ ...flow([{ send: CALL }]), ...covering(ALL.filter((each) => each !== missing)) }),
        ),
      ).toEqual([expect.stringContaining(` on ${missing.replace('-', ' ')}`)]);
    const part = covering(ALL, { for: 'workflow:register-parcel/do/send' });
    expect(said(await simulated({ ...flow([{ send: CALL }]), ...part }))).toEqual([]);
    expect(said(await simulated({ ...flow([{ sender: CALL }]), ...part }))).toEqual([
      expect.stringContaining('/do/sender on 4xx, 5xx, timeout, invalid body, permission denied'),
    ]);
  });
});

describe('[PB-6.06] [PB-4.08] WF019 a path that never ends', () => {
  const WAIT = { listen: { to: { one: { with: { type: 'kwanus.order.shipped' } } } } };
  const uncovered = covering(['5xx']);
  it.each([
    [
      'an event that came too early is waited for',
      { ...flow([{ hear: WAIT }]), ...uncovered },
      'reordered event, timeout',
    ],
    ['retries have no limit', flow([attempt({ retry: { delay: 'PT1S' }, do: PARKED })]), '4xx, 5xx'],
    [
      'the fallback tries again without a maxDelay',
      { ...flow([{ send: CALL }]), ...covering(ALL, { do: 'retry', maxDelay: undefined }) },
      '4xx, 5xx',
    ],
    [
      'tasks lead round in a circle',
      flow([{ a: { wait: 'PT1S' } }, { b: goesOn('a', { set: { x: 1 } }) }]),
      '',
    ],
  ])('fires where %s', async (_, edits, outcomes) => {
    const found = said(await simulated(edits));
    expect(found).toEqual([expect.stringMatching(/^WF019 /)]);
    expect(found[0]).toContain(outcomes);
  });

  it.each([
    [
      'the wait has a timeout and a catch',
      {
        ...flow([attempt({ do: PARKED }, [{ hear: { ...WAIT, timeout: { after: 'PT1H' } } }])]),
        ...uncovered,
      },
    ],
    ['a timeout of the workflow is covered', flow([{ hear: WAIT }], { timeout: { after: 'PT1H' } })],
    [
      'the loop has a way out',
      flow([
        { a: { wait: 'PT1S' } },
        { b: { switch: [{ more: goesOn('a', { when: '${ .a }' }) }, { rest: goesOn('end', {}) }] } },
      ]),
    ],
    [
      'every item of a list has its turn',
      flow([{ each: { for: { in: '${ .a }' }, do: [{ a: { set: { x: 1 } } }] } }]),
    ],
    [
      'the fallback tries again for an hour',
      { ...flow([{ send: CALL }]), ...covering(ALL, { do: 'retry', maxDelay: 'PT1H' }) },
    ],
  ])('is silent where %s', async (_, edits) => expect(said(await simulated(edits))).toEqual([]));

  it('stands at the boundary: a timeout that nothing catches is lost, not endless', async () =>
    expect(
      said(
        await simulated({
          ...flow([{ hear: { ...WAIT, timeout: { after: 'PT1H' } } }]),
          ...covering(['5xx']),
        }),
      ),
    ).toEqual([expect.stringMatching(/^WF018 .*reordered event, timeout/)]));
});

describe('[PB-6.06] what a simulation tells', () => {
  const LONG = [{ a: { set: { x: 1 } } }, attempt({ do: [{ b: { set: { x: 1 } } }, { tell: CALL }] })];

  it('is the shortest failing trace, as text, as a chart and as a picture', async () => {
    const verdict = await simulated(flow(LONG));
    expect(linesOf(verdict)).toEqual([
      'event',
      '→ /do/a',
      '→ /do/push',
      '→ /do/push/try/send: 4xx, caught',
      '→ /do/push/catch/do/b',
      '→ /do/push/catch/do/tell: 4xx, not caught',
      '⇥ nothing catches it and no fallback covers it',
    ]);
    const [finding] = findingsOf(verdict, 'WF018');
    expect(finding).toMatchObject({
      file: 'workflows/register-parcel.yaml',
      pointer: '/do/1/push/catch/do/1/tell',
      line: expect.any(Number),
      facts: { mermaid: expect.stringMatching(/^flowchart TD\n {2}n0\(\["event"\]\) --> n1\n/) },
    });
  });

  it('[PB-6.02] is how much was followed, and which declared fallback was exercised', async () => {
    expect(record(await simulated({}))).toEqual({
      workflow: 'register-parcel',
      transitions: { explored: 14, all: 14 },
      complete: true,
      ends: 3,
      caught: 7,
      failing: 0,
      fallbacks: [
        {
          for: 'workflow:register-parcel',
          on: ['timeout', '5xx', 'permission-denied'],
          does: 'park',
          reached: 0,
        },
      ],
    });
    const reached = record(await simulated({ ...flow([{ send: CALL }]), ...covering(ALL) }));
    expect(reached).toMatchObject({ caught: 0, fallbacks: [{ does: 'park', reached: 7 }] });
  });

  it('counts branches that no path takes among all, and not among those that were followed', async () => {
    const followed = record(
      await simulated(flow([{ a: goesOn('end', { set: { x: 1 } }) }, { late: { set: { x: 1 } } }])),
    );
    expect(followed).toMatchObject({ transitions: { explored: 5, all: 7 } });
  });

  it('meets what comes twice or too early only where an event starts it', async () => {
    const scheduled = manifest((m) => put(m['workflows']?.[0], { trigger: { schedule: 'PT1H' } }));
    const one = record(await simulated({ ...flow([{ a: { set: { x: 1 } } }]), ...scheduled }));
    const three = record(await simulated(flow([{ a: { set: { x: 1 } } }])));
    expect(own(one, 'ends')).toBe(1);
    expect(own(three, 'ends')).toBe(3);
  });

  it('leaves the middle out of a long way', async () => {
    const steps = Array.from({ length: 30 }, (_, index) => ({ [`t${index}`]: { set: { x: 1 } } }));
    const lines = linesOf(await simulated(flow([...steps, { send: CALL }])));
    expect(lines).toHaveLength(27);
    expect(lines[13]).toBe('→ … 7 tasks …');
    expect(lines.at(-2)).toBe('→ /do/send: 4xx, not caught');
  });

  it('gives the same bytes again', async () => {
    const bytes = await Promise.all(
      [0, 1].map(async () => Buffer.from(verdictBytes(await simulated(flow(LONG)))).toString()),
    );
    expect(bytes[0]).toBe(bytes[1]);
  });

  it('draws names of all kinds without letting them out of their quotes', () => {
    const steps = [{ task: '/do/"><script>alert(1)</script>', outcome: "a & b'" }];
    const picture = traceSvg(shownTrace({ start: 'event', steps, end: 'lost\u0000' }));
    expect(picture).not.toContain('<script');
    expect(picture).not.toContain('\u0000');
    expect(picture).toContain('&#60;script&#62;');
  });
});

describe('hostile workflows', () => {
  const MANY = 2_400;
  const numbered = (count: number, task: (index: number) => object): object[] =>
    Array.from({ length: count }, (_, index) => ({ [`t${index}`]: task(index) }));
  const nested = (levels: number, inner: object): object =>
    Array.from({ length: levels }).reduce<object>((task) => ({ do: [{ in: task }] }), inner);

  it.each([
    [
      'a circle of many tasks',
      numbered(MANY, (index) => goesOn(`t${(index + 1) % MANY}`, { set: { x: 1 } })),
      'failed',
    ],
    [
      'two ways at every step: 2 to the power of 2400 paths',
      numbered(MANY, () => ({
        switch: [{ one: goesOn('continue', { when: '${ .a }' }) }, { two: goesOn('continue', {}) }],
      })),
      'passed',
    ],
    [
      'a fork of many branches',
      [{ all: { fork: { branches: numbered(MANY, () => ({ set: { x: 1 } })) } } }],
      'passed',
    ],
    ['forks in forks', [{ deep: nested(45, { set: { x: 1 } }) }], 'passed'],
    ['retries in retries', [retries(20)], 'passed'],
    [
      'names of the language itself',
      [
        { constructor: { set: { x: 1 } } },
        { toString: goesOn('hasOwnProperty', { set: { x: 1 } }) },
        { hasOwnProperty: { set: { x: 1 } } },
      ],
      'passed',
    ],
    ['a way to what every object has', [{ a: goesOn('constructor', { set: { x: 1 } }) }], 'failed'],
  ])('come to an end: %s', async (_, tasks, outcome) =>
    expect((await simulated(flow(tasks))).results[0]?.outcome).toBe(outcome),
  );

  function retries(levels: number): object {
    const clause = { retry: { limit: { attempt: { count: 9 } } }, do: PARKED };
    return Array.from({ length: levels }).reduce<object>(
      (task) => ({ push: { try: [task], catch: clause } }),
      {
        send: CALL,
      },
    );
  }

  it('tells what was not looked at, and never passes it', async () => {
    const tasks = numbered(10_000, () => ({ set: { x: 1 } }));
    const verdict = await runChecks(await edited(flow(tasks)), context(), {
      checks: ['workflow-compatibility', 'workflow-definition'],
    });
    expect(verdict.results.map(({ outcome }) => outcome)).toEqual(['inconclusive', 'inconclusive']);
    expect(verdict.results[1]?.summary).toContain('more than 5000 tasks');
  });

  it('lists the first twenty tasks at which paths fail, and counts the others', async () => {
    const { results } = await simulated(flow(numbered(1_000, () => CALL)));
    expect(results[0]?.findings).toHaveLength(21);
    expect(results[0]?.findings.map(({ message }) => message)).toContainEqual(
      'register-parcel: at 980 more tasks paths fail in the same way.',
    );
  });

  it('gives up where ways are too many, and says how many were followed', async () => {
    const clause = { when: '${ .a }', retry: { limit: { attempt: { count: 9 } } }, do: PARKED };
    const deep = Array.from({ length: 40 }).reduce<readonly object[]>(
      (tasks) => [{ push: { try: tasks, catch: clause } }],
      numbered(400, () => CALL),
    );
    const verdict = await simulated({ ...flow(deep), ...covering(['error']) });
    expect(verdict.results[0]).toMatchObject({
      outcome: 'inconclusive',
      summary: expect.stringMatching(/given up after 200000 transitions: \d+ of at least \d+ branches/),
    });
  });
});
