import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { changesThatBreak, currentContracts, isOurs, lastRelease } from './contracts.mjs';

type Schemas = Readonly<Record<string, object>>;
const OURS = 'kwanus.rollout.paused.v1';
const TELEMETRY = 'kwanus.telemetry.api-call.v1';

describe('The contracts of the messages', () => {
  it('have lost nothing since the last release (else: a new version of the type beside the old one)', () => {
    const released = lastRelease();
    expect(Object.keys(released?.schemas ?? {}).length).toBeGreaterThan(90);
    expect(changesThatBreak(released?.schemas ?? {}, currentContracts(), isOurs)).toEqual([]);
  });

  it('know what is sent by the platform and what to it', () => {
    expect([OURS, 'EventHeaders', TELEMETRY, 'TelemetryHeaders'].map(isOurs)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('A change of a released message', () => {
  const before = z.object({
    id: z.string().max(10).regex(/^a/),
    kind: z.enum(['a', 'b']),
    note: z.string().optional(),
    of: z.array(z.object({ n: z.number() })),
  });
  const schemaOf = (schema: z.ZodType): object => z.toJSONSchema(schema, { io: 'input' });
  const judge = (type: string, after: z.ZodType): string =>
    changesThatBreak({ [type]: schemaOf(before) } as Schemas, { [type]: schemaOf(after) }, isOurs).join('; ');

  it.each<[string, z.ZodType]>([
    ['an optional property more', before.extend({ more: z.string().optional() })],
    [
      'an optional property more, deep inside',
      before.extend({ of: z.array(z.object({ n: z.number(), m: z.string().optional() })) }),
    ],
    ['another description', before.describe('says more')],
  ])('is an addition in both directions: %s', (_, after) => {
    expect([judge(OURS, after), judge(TELEMETRY, after)]).toEqual(['', '']);
  });

  it.each<[string, z.ZodType]>([
    ['a property that is gone', before.omit({ id: true })],
    ['an optional property that is gone', before.omit({ note: true })],
    ['another type', before.extend({ id: z.number() })],
    ['another type, deep inside', before.extend({ of: z.array(z.object({ n: z.string() })) })],
    ['a pattern that is another', before.extend({ id: z.string().max(10).regex(/^b/) })],
    ['a pattern where none was', before.extend({ note: z.string().regex(/^b/).optional() })],
    ['a list of values where none was', before.extend({ note: z.enum(['x']).optional() })],
    ['a smaller bound', before.extend({ id: z.string().max(9).regex(/^a/) })],
    ['a value that is gone', before.extend({ kind: z.enum(['a']) })],
    ['a property that must be there now', before.extend({ note: z.string() })],
    ['a new property that must be there', before.extend({ more: z.string() })],
    ['no other properties any more', z.strictObject(before.shape)],
  ])('fails, for what was written by the old schema is read by the new one: %s', (_, after) => {
    expect(judge(TELEMETRY, after)).toMatch(/^kwanus\.telemetry/);
    expect(judge(OURS, after)).toMatch(/^kwanus\.rollout/);
  });

  it.each<[string, z.ZodType]>([
    ['a value more', before.extend({ kind: z.enum(['a', 'b', 'c']) })],
    ['a larger bound', before.extend({ id: z.string().max(11).regex(/^a/) })],
    ['a property that may be missing now', before.partial({ id: true })],
    ['no pattern any more', before.extend({ id: z.string().max(10) })],
  ])('fails where older consumers read it, and is fine where only the platform does: %s', (_, after) => {
    expect(judge(OURS, after)).toMatch(/^kwanus\.rollout/);
    expect(judge(TELEMETRY, after)).toBe('');
  });

  it('fails when a type is gone, though a newer version of it came', () => {
    const newer = { 'kwanus.rollout.paused.v2': schemaOf(before) };
    expect(changesThatBreak({ [OURS]: schemaOf(before) }, newer, isOurs)).toEqual([`${OURS} is gone`]);
  });
});
