import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { jsonSchemaOf, messageJsonSchemas } from './json-schemas.js';
import { changesThatBreak } from './schema-changes.js';

const folder = join(import.meta.dirname, '../schemas');
const committed = readdirSync(folder).filter((file) => file.endsWith('.json'));

describe('JSON Schemas of the messages', () => {
  it('stand in libs/contracts/schemas, one for every type and no other', () => {
    expect(committed.map((file) => file.replace('.json', '')).sort()).toEqual(
      Object.keys(messageJsonSchemas()).sort(),
    );
  });

  it.each(committed)('are what the code says: %s (else: node libs/contracts/schemas/write.mjs)', (file) => {
    expect(messageJsonSchemas()[file.replace('.json', '')]).toEqual(
      JSON.parse(readFileSync(join(folder, file), 'utf8')),
    );
  });
});

describe('changesThatBreak', () => {
  const older = z.object({
    id: z.string(),
    kind: z.enum(['a', 'b']),
    of: z.array(z.object({ n: z.number() })),
  });
  const judge = (newer: z.ZodType): string[] => changesThatBreak(jsonSchemaOf(older), jsonSchemaOf(newer));

  it('allows an optional addition', () => {
    expect(judge(older.extend({ note: z.string().optional() }))).toEqual([]);
  });

  it.each<[string, z.ZodType, string]>([
    ['a property that is gone', older.omit({ id: true }), '/id is gone'],
    ['a property that is required now', older.extend({ note: z.string() }), '/note is required now'],
    ['a property that may be missing now', older.partial({ id: true }), '/id may be missing'],
    ['another type', older.extend({ id: z.number() }), '/id changed its type'],
    ['a value that is gone', older.extend({ kind: z.enum(['a']) }), '/kind lost the value b'],
    ['a value that older consumers refuse', older.extend({ kind: z.enum(['a', 'b', 'c']) }), 'new value c'],
    [
      'a change deep inside',
      older.extend({ of: z.array(z.object({ n: z.string() })) }),
      '/of/items/n changed',
    ],
  ])('refuses %s', (_, newer, why) => {
    expect(judge(newer).join('; ')).toContain(why);
  });
});
