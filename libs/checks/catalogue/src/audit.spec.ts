import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  type CheckContext,
  type ExtensionSandbox,
  type Finding,
  own,
  type Submission,
} from '@kwanus/checks-kit';
import { probeExtension } from '@kwanus/checks-sandbox';
import { checkEvidence, EVIDENCE_TASKS, runChecks } from './index.js';
import { type Audit, type Case } from './testing/audit-cases.js';
import { DOCUMENTS } from './testing/audit-documents.js';
import { EXTENSIONS, SAMPLES } from './testing/audit-extensions.js';
import { HANDED_IN } from './testing/audit-handed-in.js';
import { SECURITY } from './testing/audit-permissions.js';
import { CHANGES } from './testing/audit-workflow-changes.js';
import { WORKFLOWS } from './testing/audit-workflows.js';
import { context, edited } from './testing/edited-submission.js';

/** In this thread: what a thread of its own adds is tested with it. */
const SANDBOX: ExtensionSandbox = {
  walls: () => Promise.resolve([]),
  probe: (request) => probeExtension(request),
};

const TABLE: Readonly<Record<string, Readonly<Record<string, Audit>>>> = {
  ...DOCUMENTS,
  ...EXTENSIONS,
  'validation-schemas': { ...DOCUMENTS['validation-schemas'], ...SAMPLES },
  ...HANDED_IN,
  ...SECURITY,
  ...WORKFLOWS,
  ...CHANGES,
};
const RULES = Object.entries(TABLE).flatMap(([check, rules]) =>
  Object.entries(rules).map(([rule, audit]) => [rule, check, audit] as const),
);

/** The rules whose ids are fixed; FB303 and PM203 are one. */
const FIXED = [
  ...numbered('WF', 1, 14),
  ...numbered('WC', 101, 110),
  ...numbered('PM', 201, 210),
  ...numbered('FB', 301, 305),
  ...numbered('FD', 401, 405),
];

function numbered(letters: string, from: number, to: number): readonly string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => letters + String(from + index).padStart(3, '0'));
}

/** @returns every id that the sources of the checks write out */
function writtenIds(): ReadonlySet<string> {
  const found = new Set<string>();
  for (const path of readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.ts') || path.endsWith('.spec.ts') || path.startsWith('testing')) continue;
    const text = readFileSync(join(import.meta.dirname, path), 'utf8');
    for (const [, id] of text.matchAll(/'([A-Z]{2}\d{3})'/g)) found.add(id ?? '');
  }
  return found;
}

/** @returns every id that partners can look up */
function documentedIds(): ReadonlySet<string> {
  const text = readFileSync(join(import.meta.dirname, '../../../../docs/reference/checks.md'), 'utf8');
  return new Set([...text.matchAll(/\b[A-Z]{2}\d{3}\b/g)].map(([id]) => id));
}

async function fires(rule: string, check: string, { is, was, as, more }: Case): Promise<boolean> {
  const bases = await Promise.all((was ?? []).map((edits) => edited(edits)));
  const findings = await findingsOf(
    check,
    { ...(await edited(is)), ...as },
    context({ sandbox: SANDBOX, ...more, bases }),
  );
  return findings.some(({ ruleId, facts }) => ruleId === rule || own(facts, 'rule') === rule);
}

async function findingsOf(
  check: string,
  submission: Submission,
  given: CheckContext,
): Promise<readonly Finding[]> {
  const task = EVIDENCE_TASKS.find((each) => check === `preparation-${each}`);
  if (task !== undefined) return (await checkEvidence(task, submission, given)).findings;
  const { results } = await runChecks(submission, given, { checks: [check] });
  return results.flatMap(({ findings }) => findings);
}

describe('every rule of the catalogue', () => {
  it('is shown to fire, to stay silent, and to do both at its boundary', () => {
    const shown = new Set(RULES.map(([rule]) => rule));
    const known = [...FIXED, ...writtenIds(), ...documentedIds()];
    expect(known.filter((id) => !shown.has(id))).toEqual([]);
    expect([...shown].filter((id) => !known.includes(id))).toEqual([]);
  });

  it.each(RULES)('%s fires', async (rule, check, audit) =>
    expect(await fires(rule, check, audit.fires)).toBe(true),
  );
  it.each(RULES)('%s is silent', async (rule, check, audit) =>
    expect(await fires(rule, check, audit.silent)).toBe(false),
  );
  it.each(RULES)('%s stands at its boundary', async (rule, check, { boundary }) => {
    expect(await fires(rule, check, boundary.fires)).toBe(true);
    expect(await fires(rule, check, boundary.silent)).toBe(false);
  });
});
