import { canonicalJson } from '@kwanus/canonical';
import {
  at,
  type CheckContext,
  type CheckResult,
  type Finding,
  type Fix,
  finding,
  ownText,
  pointerOf,
  type Submission,
} from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';
import { patchOf } from '../fixes/fixes.js';
import { renamingFix } from '../fixes/renaming-fix.js';
import type { Manifest } from '../manifest/manifest.schema.js';
import { unwrittenIn } from '../manifest/unwritten.js';
import type { RunInputs } from '../run/check-run.js';
import type { ManifestIssue, ReadDocument } from '../run/inspection.js';

const WHY = 'Everything else is judged by what the manifest says.';

/** MF001 shape, MF002 identity, MF003 ids that come twice, MF005 what is still to be written. */
export async function checkManifest(inputs: RunInputs, _context: CheckContext): Promise<CheckResult> {
  const { submission, inspection } = inputs;
  const { source, manifest, issues } = await inspection.manifest();
  const findings: Finding[] = [];
  const add: Add = (ruleId, pointer, [message, remedy], fix = null): void => {
    const line = source?.ok === true ? source.lineOf(pointer) : null;
    const subject = `${pointer} ${message}`;
    const [severity, file, why] = ['blocks' as const, submission.manifestPath, WHY];
    findings.push(finding({ ruleId, severity, file, pointer, line, subject, message, why, remedy, fix }));
  };
  const unreadable = unreadableBecause(source);
  if (unreadable !== null)
    add('MF001', '', [
      `The manifest ${unreadable}.`,
      'Write it as one YAML or JSON document without aliases.',
    ]);
  else for (const issue of issues.flatMap(meantIssues)) addIssue(issue, submission, add);
  if (manifest !== null) checkIdentity(manifest, inputs, add);
  checkUnwritten(submission.manifest, add);
  const failed = findings.length > 0;
  return {
    check: 'manifest',
    outcome: failed ? 'failed' : 'passed',
    findings,
    summary: failed
      ? `${findings.length} faults in the manifest.`
      : 'The manifest follows kwanus.integration/v1.',
    facts: {},
  };
}

type Words = readonly [message: string, remedy: string];
type Add = (ruleId: string, pointer: string, words: Words, fix?: Fix | null) => void;

/** Of alternatives that are of different kinds only one is meant: then it is said what is wrong by that one. */
function meantIssues(issue: ManifestIssue): readonly ManifestIssue[] {
  const ofKind = (issue.errors ?? []).filter((branch) => !branch.some(isOtherKind));
  const [meant, ...others] = ofKind;
  if (meant === undefined || others.length > 0) return [issue];
  return meant.flatMap((inner) => meantIssues({ ...inner, path: [...issue.path, ...inner.path] }));
}

const isOtherKind = ({ path, code }: ManifestIssue): boolean =>
  path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');

function addIssue({ path, message, keys = [] }: ManifestIssue, submission: Submission, add: Add): void {
  const place = path.map(String);
  add(
    'MF001',
    pointerOf(...place),
    [
      `${place.join('.') || 'The manifest'}: ${message}`,
      'See the schema of kwanus.integration/v1 in docs/reference/checks.md.',
    ],
    renamingFix(submission, place, keys),
  );
}

function checkUnwritten(manifest: JsonObject, add: Add): void {
  for (const { pointer, what } of unwrittenIn(manifest))
    add('MF005', pointer, [
      `${pointer.slice(1).replaceAll('/', '.')} is still to be written.`,
      `Write ${what}.`,
    ]);
}

function unreadableBecause(source: ReadDocument): string | null {
  if (source === null) return 'is not there';
  return source.ok ? null : source.message;
}

function checkIdentity(manifest: Manifest, { submission }: RunInputs, add: Add): void {
  const { partner, name, version } = manifest.metadata;
  if (submission.integrationId !== `${partner}.${name}`)
    add('MF002', '/metadata', [
      `The manifest is of ${partner}.${name}, submitted as ${submission.integrationId}.`,
      'Submit it under its own name, or correct metadata.partner and metadata.name.',
    ]);
  if (submission.release !== version)
    add('MF002', '/metadata/version', [
      `The manifest is of version ${version}, submitted as ${submission.release}.`,
      'Submit it again.',
    ]);
  for (const [pointer, ids] of idLists(manifest))
    for (const id of twice(ids))
      add(
        'MF003',
        pointer,
        [`${pointer.slice(1)} names ${id} twice.`, 'Give every entry an id of its own.'],
        repeatedFix(submission, pointer, id),
      );
}

const idLists = (manifest: Manifest): readonly (readonly [string, readonly string[]])[] => [
  ['/api/provides', (manifest.api?.provides ?? []).map(({ id }) => id)],
  ['/api/consumes', (manifest.api?.consumes ?? []).map(({ id }) => id)],
  ['/permissions', (manifest.permissions ?? []).map(({ id }) => id)],
  ['/workflows', (manifest.workflows ?? []).map(({ id }) => id)],
  ['/extensions', (manifest.extensions ?? []).map(({ id }) => id)],
];

/** What is written twice in the same words says nothing more than once. */
function repeatedFix({ manifest, manifestPath }: Submission, list: string, id: string): Fix | null {
  const found = at(manifest, list);
  const entries = Array.isArray(found) ? (found as readonly Json[]) : [];
  const places = [...entries.keys()].filter((place) => ownText(entries[place], 'id') === id);
  const [first, ...others] = places;
  const words = canonicalJson(entries[first ?? 0] ?? null);
  return others.every((place) => canonicalJson(entries[place] ?? null) === words)
    ? patchOf(
        manifestPath,
        ...others.reverse().map((place) => ({ op: 'remove' as const, path: list + pointerOf(place) })),
      )
    : null;
}

const twice = (ids: readonly string[]): readonly string[] => [
  ...new Set(ids.filter((id, index) => ids.indexOf(id) !== index)),
];
