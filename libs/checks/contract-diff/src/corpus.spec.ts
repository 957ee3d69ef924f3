import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@kwanus/kernel';
import type { ContractDiff } from './index.js';
import { diffContracts } from './index.js';
import { corpus, type Description, type LabelledPair, OPERATION_CHANGES } from './testing/corpus.js';
import { writtenRule } from './testing/rule-table.js';
import { SCHEMA_CHANGES } from './testing/schema-changes.js';
import { DISPUTED, secondReading } from './testing/second-reading/index.js';

const DESCRIPTIONS = [
  '3.0/json/readme.json',
  '3.0/json/petstore.json',
  '3.0/json/petstore-expanded.json',
  '3.0/json/complex-nesting.json',
  '3.0/json/uspto.json',
  '3.0/json/schema-types.json',
  '3.0/json/response-schemas.json',
  '3.0/json/schema-visibility.json',
  '3.1/json/petstore.json',
  '3.1/json/train-travel.json',
];
const RULE = join(import.meta.dirname, '../../../../docs/reference/contract-changes.md');
const AS_OF = '2026-06-01T00:00:00Z';

type JudgedPair = LabelledPair & { readonly diff: ContractDiff };

const judge = (pairs: readonly LabelledPair[]): readonly JudgedPair[] =>
  pairs.map((pair) => ({ ...pair, diff: diffContracts(pair.base, pair.revision, { asOf: AS_OF }) }));

/** Recall and false alarms are printed; each pair that was judged wrongly is named, and counted even where it is known. */
function expectToldApart(reading: string, judged: readonly JudgedPair[], disputed: readonly string[]): void {
  const breaking = judged.filter(({ label }) => label === 'breaks');
  const others = judged.filter(({ label }) => label !== 'breaks');
  const missed = breaking.filter(
    ({ operation, diff }) =>
      !diff.findings.some(
        (finding) => finding.level === 'error' && (operation === null || finding.operation === operation),
      ),
  );
  const alarms = others.filter(
    ({ label, diff }) => diff.breaking || (label === 'silent' && diff.findings.length > 0),
  );
  const recall = 1 - missed.length / breaking.length;
  const falseAlarms = alarms.length / others.length;
  process.stdout.write(
    `contract comparison, ${reading}: ${judged.length} pairs; ${breaking.length} break, ` +
      `recall ${(recall * 100).toFixed(1)} %; ${others.length} don't, false alarms ${(falseAlarms * 100).toFixed(1)} %\n`,
  );
  const said = ({ name, diff }: JudgedPair): string =>
    `${name}: ${diff.findings.map(({ level, id }) => `${level} ${id}`).join(', ') || 'nothing'}`;
  const isNews = ({ rule }: JudgedPair): boolean => !disputed.includes(rule);
  expect({ missed: missed.filter(isNews).map(said), alarms: alarms.filter(isNews).map(said) }).toEqual({
    missed: [],
    alarms: [],
  });
  expect([...new Set([...missed, ...alarms].map(({ rule }) => rule))].sort()).toEqual(disputed);
  expect(recall).toBeGreaterThanOrEqual(0.98);
  expect(falseAlarms).toBeLessThanOrEqual(0.03);
}

describe('[PB-6.05] the labelled corpus', () => {
  const { resolve } = createRequire(import.meta.url);
  const descriptions: readonly Description[] = DESCRIPTIONS.map((name) => ({
    name,
    document: JSON.parse(readFileSync(resolve(`@readme/oas-examples-5/${name}`), 'utf8')) as JsonObject,
  }));
  const rule = writtenRule(readFileSync(RULE, 'utf8'));
  let judged: readonly JudgedPair[];

  beforeAll(() => {
    judged = judge(corpus(descriptions, rule));
  });

  it('has at least 300 pairs, of every row of the written rule', () => {
    expect(judged.length).toBeGreaterThanOrEqual(300);
    const rows = [...rule.keys()].sort();
    expect([...new Set([...SCHEMA_CHANGES, ...OPERATION_CHANGES].map(({ id }) => id))].sort()).toEqual(rows);
    expect([...new Set(judged.map(({ rule }) => rule))].sort()).toEqual(rows);
  });

  it('changes something in every pair', () => {
    for (const { base, revision } of judged) expect(JSON.stringify(revision)).not.toBe(JSON.stringify(base));
  });

  it('is told apart: recall of at least 98 %, at most 3 % false alarms', () => {
    expectToldApart('first reading', judged, []);
  });

  it('is told apart by a second reading of the rule, too', () => {
    const second = secondReading();
    expect(new Set(second.map(({ rule }) => rule)).size).toBeGreaterThanOrEqual(60);
    expectToldApart('second reading', judge(second), DISPUTED);
  });

  it('says nothing of a description compared with itself', () => {
    for (const { document } of descriptions)
      expect(diffContracts(document, structuredClone(document), { asOf: AS_OF }).findings).toEqual([]);
  });
});
