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

/** Data that a test reaches into. */
export interface Loose {
  readonly [key: string]: Loose | undefined;
}

/** Adds to the end of a list that the test knows is there. */
export const push = (list: unknown, ...entries: readonly unknown[]): void =>
  void (list as unknown[]).push(...entries);

/** Takes the first entry of a list away. */
export const shift = (list: unknown): void => void (list as unknown[]).shift();

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
  registry: { version: 3, permissions: [REGISTERED], tiers: { acme: 'silver' } },
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

/** Shorthands for edits of the minimal submission's parts. */
export const manifest = (change: (document: Loose) => void): Edits => ({ 'kwanus.yaml': yamlEdit(change) });
export const contract = (change: (document: Loose) => void): Edits => ({
  'api/parcels.yaml': yamlEdit(change),
});
export const workflow = (change: (document: Loose) => void): Edits => ({
  'workflows/register-parcel.yaml': yamlEdit(change),
});
export const permission = (more: object) =>
  manifest((m) => Object.assign(m['permissions']?.[0] as object, more));
export const registry = (more: object): Partial<CheckContext> => ({
  registry: { version: 3, permissions: [{ ...REGISTERED, ...more }], tiers: { acme: 'silver' } },
});
export const put = (target: unknown, value: object): void => void Object.assign(target as object, value);

/** A task that goes on to another one. */
export const goesOn = (next: string, more: object = {}): object => ({
  ...more,
  ...(parse(`then: ${next}`) as object),
});

/** A row of a table of edits: what is edited, and what is said about it. */
export type Row = readonly [
  title: string,
  edits: Edits,
  expected: readonly string[],
  more?: Partial<CheckContext>,
];
