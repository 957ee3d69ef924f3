import { describe, expect, it } from '@jest/globals';
import { judge, manifest, put, yamlEdit } from './testing/edited-submission.js';

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
