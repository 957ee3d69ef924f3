import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { CheckContext, Finding, RegisteredPermission, Submission } from '@kwanus/checks-kit';
import { parse, stringify } from 'yaml';
import { folderSubmission, manifestOf, mediaTypeOf, runChecks, type Verdict } from '../index.js';

export const MINIMAL = join(import.meta.dirname, '../../../../../examples/minimal-submission');
const DAY = '2026-11-23T10:00:00Z';

/** A file's new content; null takes it away. */
export type Edits = Readonly<Record<string, ((text: string) => string) | string | Uint8Array | null>>;

/** An edit of a YAML file as data: the function changes it in place. */
export const yamlEdit =
  (change: (document: Loose) => void) =>
  (text: string): string => {
    const document = parse(text) as Loose;
    change(document);
    return stringify(document, { aliasDuplicateObjects: false });
  };

/** Data that a test writes into. */
// biome-ignore lint: tests reach anywhere
export type Loose = Record<string, never> & { [key: string]: Loose } & Loose[];

/** @returns a submission from files in memory */
export function memorySubmission(files: ReadonlyMap<string, Uint8Array>): Submission {
  const { manifest, integrationId, release } = manifestOf(files.get('kwanus.yaml'), 'kwanus.yaml');
  return {
    integrationId,
    release,
    manifest,
    manifestPath: 'kwanus.yaml',
    files: [...files].map(([path, bytes]) => ({
      path,
      digest: createHash('sha256').update(bytes).digest('hex'),
      size: bytes.byteLength,
      mediaType: mediaTypeOf(path),
    })),
    read: (path) => Promise.resolve(files.get(path) ?? null),
  };
}

/** @returns the minimal submission of examples/, with the edits */
export async function edited(edits: Edits = {}): Promise<Submission> {
  const minimal = await folderSubmission(MINIMAL);
  const files = new Map<string, Uint8Array>();
  for (const { path } of minimal.files) files.set(path, (await minimal.read(path)) ?? new Uint8Array());
  for (const [path, edit] of Object.entries(edits)) {
    if (edit === null) files.delete(path);
    else if (typeof edit === 'function')
      files.set(path, Buffer.from(edit(Buffer.from(files.get(path) ?? []).toString())));
    else files.set(path, Buffer.from(edit));
  }
  return memorySubmission(files);
}

export const REGISTERED: RegisteredPermission = {
  id: 'orders:read',
  title: 'Read orders',
  owner: 'SCO',
  resource: 'order',
  actions: ['read'],
  privileged: false,
  tiers: [],
  status: 'active',
};

/** @returns a context in which the minimal submission passes */
export const context = (more: Partial<CheckContext> = {}): CheckContext => ({
  bases: [],
  registry: { version: 3, permissions: [REGISTERED] },
  platformVersions: ['4.2.0', '5.0.0'],
  profile: 'strict-partner',
  asOf: DAY,
  signal: new AbortController().signal,
  ...more,
});

/** @returns the verdict on the edited minimal submission */
export const judge = async (edits: Edits = {}, more: Partial<CheckContext> = {}): Promise<Verdict> =>
  runChecks(await edited(edits), context(more));

/** @returns `check severity rule` of everything that does not merely inform, without repetitions */
export const said = ({ results }: Verdict): readonly string[] => [
  ...new Set(
    results.flatMap(({ check, findings }) =>
      findings
        .filter(({ severity }) => severity !== 'informs')
        .map(({ severity, ruleId }) => `${check} ${severity} ${ruleId}`),
    ),
  ),
];

/** @returns the findings of a rule */
export const findingsOf = ({ results }: Verdict, ruleId: string): readonly Finding[] =>
  results.flatMap(({ findings }) => findings.filter((finding) => finding.ruleId === ruleId));
