import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
// oxlint-disable-next-line @nx/enforce-module-boundaries -- the playbook names checks and sections that the catalogue has
import { CATALOGUE, MANIFEST_SECTIONS } from '@kwanus/checks-catalogue';
import { evaluateBurn, spansOf } from '@kwanus/domain-monitoring';
import { loadPlaybook } from './load.js';
import { SECTIONS } from './references.js';
import { playbookJsonSchemas } from './schema.js';

const root = join(import.meta.dirname, '../../..');
const playbook = loadPlaybook('1.0');

it('1.0 has the checks of the catalogue, word for word', () => {
  const entries = CATALOGUE.map(({ id, title, kind, requirement, waivableBy }) => ({
    id,
    title,
    kind,
    requirement,
    waivableBy,
  }));
  expect(playbook.checks).toEqual(entries);
});

it('a decision can cover every section that a manifest has, and no other', () => {
  expect([...SECTIONS].toSorted()).toEqual([...MANIFEST_SECTIONS].toSorted());
});

/** What no decision covers, and why. */
const UNCOVERED: Readonly<Record<string, string>> = {
  apiVersion: 'the schema allows one value',
  kind: 'the schema allows one value',
  metadata:
    'names the release: its version changes with every one; the rest of it is what the aggregate is about',
  proposal: 'lists the documents, which are covered one by one',
  preparation: 'lists the evidence, which is verified',
  docs: 'lists the documents, which are covered one by one',
};

it('1.0 has every section of a manifest reviewed before it is rolled out, or says why not', () => {
  const covered = playbook.decisions
    .filter(({ kind }) => kind !== 'sign-off')
    .flatMap(({ covers }) => covers);
  const open = MANIFEST_SECTIONS.filter((section) => !covered.includes(`manifest:${section}`));
  expect([...open].toSorted()).toEqual(Object.keys(UNCOVERED).toSorted());
});

it('1.0 names rows of the requirements, and only such', () => {
  const rows = readFileSync(join(root, 'docs/playbook/requirements.md'), 'utf8');
  const { documents, tasks, decisions, checks, monitoring, stewardship } = playbook;
  const named = [documents, tasks, decisions, checks, monitoring.signals, stewardship].flat();
  expect(
    [...new Set(named.map(({ requirement }) => requirement))].filter((id) => !rows.includes(`| ${id} |`)),
  ).toEqual([]);
});

describe('1.0-demo pages for a canary that fails 40 % of its 50 requests a second', () => {
  const { burn, minFailures } = loadPlaybook('1.0-demo').monitoring;
  const quick = burn.find(({ id }) => id === 'page-quick') ?? burn[0];
  if (quick === undefined) throw new TypeError('1.0-demo has no burn rule.');

  it.each([
    ['at once, when it is bad from the start', 0, 1, [0.99, 0.995, 0.999]],
    ['within three seconds, after ten good ones', 10, 3, [0.995, 0.999]],
  ])('%s', (_, good, bad, objectives) => {
    const failures = 20 * bad;
    const spans = new Map(
      spansOf([quick]).map((span) => [span, { requests: 50 * Math.min(good + bad, span / 1000), failures }]),
    );
    for (const objective of objectives)
      expect(evaluateBurn(quick, { objective, period: 'P30D' }, spans, minFailures)).toMatchObject({
        firing: true,
        unreachable: false,
      });
  });
});

it('the JSON Schemas that are committed are what the code says (else: node libs/playbook/schemas/write.mjs)', () => {
  for (const [name, schema] of Object.entries(playbookJsonSchemas()))
    expect(JSON.parse(readFileSync(join(root, `libs/playbook/schemas/${name}.json`), 'utf8'))).toEqual(
      schema,
    );
});

it('docs/reference/playbook.md names every key of both schemas', () => {
  const page = readFileSync(join(root, 'docs/reference/playbook.md'), 'utf8');
  const keys = (schema: unknown): string[] => {
    if (typeof schema !== 'object' || schema === null) return [];
    const { properties = {} } = schema as { readonly properties?: Readonly<Record<string, unknown>> };
    return [...Object.keys(properties), ...Object.values(schema).flatMap(keys)];
  };
  const known = new Set(Object.values(playbookJsonSchemas()).flatMap(keys));
  expect(known.size).toBeGreaterThan(50);
  expect(
    [...known].filter((key) => ![`\`${key}\``, `\`${key}[]\``].some((word) => page.includes(word))),
  ).toEqual([]);
});
