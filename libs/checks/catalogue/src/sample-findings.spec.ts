import { describe, expect, it } from '@jest/globals';
import { judge, manifest, put, workflow, yamlEdit } from './testing/edited-submission.js';

describe('[PB-4.03] findings about samples', () => {
  const answering = (media: object) => ({
    'api/parcels.yaml': yamlEdit((contract) =>
      Object.assign(
        contract['paths']?.['/parcels']?.['post']?.['responses']?.['201']?.['content'] as object,
        {
          'application/json': media,
        },
      ),
    ),
  });
  const found = async (edits: Parameters<typeof judge>[0]) => {
    const { results } = await judge(edits);
    const { outcome, findings } = results.find(({ check }) => check === 'validation-schemas') ?? {};
    return { outcome, findings: findings ?? [] };
  };

  it('name file, place and line, and warn (VS204)', async () => {
    const { outcome, findings } = await found(answering({ schema: { type: 'string' }, example: 1 }));
    expect(outcome).toBe('passed');
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      ruleId: 'VS204',
      severity: 'warns',
      file: 'api/parcels.yaml',
      pointer: '/paths/~1parcels/post/responses/201/content/application~1json/example',
      message: expect.stringContaining('is 1, where string is asked for'),
      line: expect.any(Number),
    });
  });

  it('are none where samples fit', async () => {
    expect((await found(answering({ schema: { type: 'string' }, example: '1' }))).findings).toEqual([]);
  });

  it('say what could not be judged: patterns, and schemas that lead too far (VS205)', async () => {
    const patterned = answering({ schema: { type: 'string', pattern: '(?=a)a' }, example: 'a' });
    expect((await found(patterned)).findings.map(({ ruleId, severity }) => `${severity} ${ruleId}`)).toEqual([
      'warns VS205',
    ]);
    const long = answering({
      schema: { items: { type: 'string' } },
      example: Array<string>(60_000).fill('a'),
    });
    expect((await found(long)).findings.map(({ ruleId }) => ruleId)).toEqual(['VS205']);
  });

  it('are made of the schemas of events, too', async () => {
    const wrong = { type: 'object', properties: { id: { type: 'string', examples: ['a', 1], default: 2 } } };
    const { findings } = await found({
      ...manifest((m) =>
        put(m, {
          events: { publishes: [{ type: 'acme.parked', version: '1.0.0', schema: 'events/parked.json' }] },
        }),
      ),
      'events/parked.json': JSON.stringify(wrong),
    });
    expect(findings.map(({ pointer }) => pointer).sort()).toEqual([
      '/properties/id/default',
      '/properties/id/examples/1',
    ]);
  });
});

describe('[PB-4.06] findings about what calls send (WF008)', () => {
  const sending = (parameters: object) =>
    workflow((w) => put(w['do']?.[0]?.['register']?.['try']?.[0]?.['send']?.['with'], { parameters }));
  const patterned = (pattern: string) =>
    yamlEdit((c) => {
      const content = c['paths']?.['/parcels']?.['post']?.['requestBody']?.['content'];
      put(content?.['application/json']?.['schema']?.['properties']?.['note'], {
        pattern,
        maxLength: undefined,
      });
    });
  const found = async (edits: Parameters<typeof judge>[0]) => {
    const { results } = await judge(edits);
    const { outcome, summary, findings } = results.find(({ check }) => check === 'workflow-handlers') ?? {};
    return { outcome, summary, findings: findings ?? [] };
  };

  it('name place and line, the operation, and what to do', async () => {
    const { outcome, findings } = await found(sending({ orderId: 5 }));
    expect(outcome).toBe('failed');
    expect(findings).toEqual([
      expect.objectContaining({
        ruleId: 'WF008',
        severity: 'blocks',
        file: 'workflows/register-parcel.yaml',
        pointer: '/do/0/register/try/0/send/with/parameters/orderId',
        line: 21,
        message:
          'register-parcel: POST /parcels refuses what /do/register/try/send sends: parameters/orderId is 5, where string is asked for.',
        why: expect.stringMatching(/\S/),
        remedy: expect.stringContaining('POST /parcels asks for in api/parcels.yaml'),
      }),
    ]);
  });

  it('are at most five of a call', async () => {
    const notes = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`n${at}`, 1]));
    const edits = {
      ...sending({ orderId: 'a', ...notes }),
      'api/parcels.yaml': yamlEdit((c) => {
        const content = c['paths']?.['/parcels']?.['post']?.['requestBody']?.['content'];
        put(content?.['application/json']?.['schema'], { additionalProperties: false });
      }),
    };
    expect((await found(edits)).findings).toHaveLength(5);
  });

  it('say what could not be judged: a pattern, and what takes too many steps', async () => {
    const unjudged = await found({
      ...sending({ orderId: 'a', note: 'b' }),
      'api/parcels.yaml': patterned('(?=a)a'),
    });
    expect(unjudged).toMatchObject({ outcome: 'passed', findings: [{ ruleId: 'WF008', severity: 'warns' }] });
    const large = await found({
      ...sending({ orderId: 'a', note: 'b'.repeat(1_000_000) }),
      'api/parcels.yaml': patterned('^(b+)+$'),
    });
    expect(large).toMatchObject({
      outcome: 'inconclusive',
      summary: expect.stringContaining('POST /parcels'),
    });
  });
});
