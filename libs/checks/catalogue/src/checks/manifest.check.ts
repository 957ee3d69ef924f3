import { type CheckContext, type CheckResult, type Finding, finding, pointerOf } from '@kwanus/checks-kit';
import type { JsonObject } from '@kwanus/kernel';
import type { Manifest } from '../manifest/manifest.schema.js';
import { unwrittenIn } from '../manifest/unwritten.js';
import type { RunInputs } from '../run/check-run.js';
import type { ReadDocument } from '../run/inspection.js';

const WHY = 'Everything else is judged by what the manifest says.';

/** MF001 shape, MF002 identity, MF003 ids that come twice, MF005 what is still to be written. */
export async function checkManifest(inputs: RunInputs, _context: CheckContext): Promise<CheckResult> {
  const { submission, inspection } = inputs;
  const { source, manifest, issues } = await inspection.manifest();
  const file = submission.manifestPath;
  const findings: Finding[] = [];
  const add = (ruleId: string, pointer: string, message: string, remedy: string): void => {
    const line = source?.ok === true ? source.lineOf(pointer) : null;
    findings.push(
      finding({
        ruleId,
        severity: 'blocks',
        file,
        pointer,
        line,
        subject: `${pointer} ${message}`,
        message,
        why: WHY,
        remedy,
      }),
    );
  };
  const unreadable = unreadableBecause(source);
  if (unreadable !== null)
    add('MF001', '', `The manifest ${unreadable}.`, 'Write it as one YAML or JSON document without aliases.');
  else
    for (const { path, message } of issues)
      add(
        'MF001',
        pointerOf(...path.map(String)),
        `${path.map(String).join('.') || 'The manifest'}: ${message}`,
        'See the schema of kwanus.integration/v1 in docs/reference/checks.md.',
      );
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

type Add = (ruleId: string, pointer: string, message: string, remedy: string) => void;

function checkUnwritten(manifest: JsonObject, add: Add): void {
  for (const { pointer, what } of unwrittenIn(manifest))
    add(
      'MF005',
      pointer,
      `${pointer.slice(1).replaceAll('/', '.')} is still to be written.`,
      `Write ${what}.`,
    );
}

function unreadableBecause(source: ReadDocument): string | null {
  if (source === null) return 'is not there';
  return source.ok ? null : source.message;
}

function checkIdentity(manifest: Manifest, { submission }: RunInputs, add: Add): void {
  const { partner, name, version } = manifest.metadata;
  if (submission.integrationId !== `${partner}.${name}`)
    add(
      'MF002',
      '/metadata',
      `The manifest is of ${partner}.${name}, submitted as ${submission.integrationId}.`,
      'Submit it under its own name, or correct metadata.partner and metadata.name.',
    );
  if (submission.release !== version)
    add(
      'MF002',
      '/metadata/version',
      `The manifest is of version ${version}, submitted as ${submission.release}.`,
      'Submit it again.',
    );
  for (const [pointer, ids] of idLists(manifest))
    for (const id of twice(ids))
      add('MF003', pointer, `${pointer.slice(1)} names ${id} twice.`, 'Give every entry an id of its own.');
}

const idLists = (manifest: Manifest): readonly (readonly [string, readonly string[]])[] => [
  ['/api/provides', (manifest.api?.provides ?? []).map(({ id }) => id)],
  ['/api/consumes', (manifest.api?.consumes ?? []).map(({ id }) => id)],
  ['/permissions', (manifest.permissions ?? []).map(({ id }) => id)],
  ['/workflows', (manifest.workflows ?? []).map(({ id }) => id)],
  ['/extensions', (manifest.extensions ?? []).map(({ id }) => id)],
];

const twice = (ids: readonly string[]): readonly string[] => [
  ...new Set(ids.filter((id, index) => ids.indexOf(id) !== index)),
];
