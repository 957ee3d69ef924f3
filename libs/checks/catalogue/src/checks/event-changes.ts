import {
  type ContractDiff,
  ContractTooComplex,
  diffPayloads,
  PAYLOAD_MODES,
  type PayloadMode,
} from '@kwanus/checks-contract-diff';
import { isObject } from '@kwanus/checks-kit';
import type { JsonObject } from '@kwanus/kernel';
import { type Declared, declaredIn } from '../manifest/declared.js';
import type { Manifest } from '../manifest/manifest.schema.js';
import { fileRefOf } from '../manifest/named-files.js';
import type { RunInputs } from '../run/check-run.js';
import type { Inspection } from '../run/inspection.js';
import type { ContractChange } from './contract-changes.js';

/** A mode that nobody knows asks for everything. */
const modeOf = (own: string | undefined, whole: string | undefined): PayloadMode =>
  PAYLOAD_MODES.find((mode) => mode === (own ?? whole)) ?? 'FULL';

type Event = Declared['publishes'][number];

/**
 * @returns what became of the payloads of published events since one live version, by the mode that the event declares, else the manifest;
 * only a transitive mode looks beyond the newest; a text where nobody can tell
 */
export async function eventChanges(
  inputs: RunInputs,
  base: Inspection,
  [before, now]: readonly [Manifest, Manifest | null],
): Promise<readonly (ContractChange | string)[]> {
  const earlier = declaredIn(before).publishes;
  const pairs = (now === null ? [] : declaredIn(now).publishes).flatMap((is) => {
    const was = earlier.find(({ type }) => type === is.type);
    const mode = modeOf(is.mode, now?.compatibility.mode);
    const looked = mode.endsWith('_TRANSITIVE') || base === inputs.bases[0];
    return was === undefined || !looked ? [] : [{ was, is, mode }];
  });
  const found = await Promise.all(pairs.map((pair) => eventChange(inputs, base, pair)));
  return found.filter((change) => change !== null);
}

async function eventChange(
  { inspection, context }: RunInputs,
  base: Inspection,
  { was, is, mode }: { readonly was: Event; readonly is: Event; readonly mode: PayloadMode },
): Promise<ContractChange | string | null> {
  const { release } = base.submission;
  const [from, to] = [await schemaAt(base, was.schema), await schemaAt(inspection, is.schema)];
  if (from === null || to === null) return null;
  if (from.root === null) return `The schema of ${is.type} of ${release} can’t be read any more.`;
  if (to.root === null) return `The schema of ${is.type} can’t be read.`;
  const { profile, asOf } = context;
  const diff = compared([from.root, to.root], { mode, operation: `event ${is.type}`, profile, asOf });
  return typeof diff === 'string'
    ? `${is.type}: ${diff}`
    : { contract: is.type, path: to.path, from: release, diff };
}

function compared(
  [base, revision]: readonly [JsonObject, JsonObject],
  options: Parameters<typeof diffPayloads>[2],
): ContractDiff | string {
  try {
    return diffPayloads([base], revision, options);
  } catch (error) {
    if (error instanceof ContractTooComplex) return error.message;
    throw error;
  }
}

/** A schema of a submission; root null: it is named and can't be read. */
interface NamedSchema {
  readonly path: string;
  readonly root: JsonObject | null;
}

/** @returns the schema that a manifest names; null where it names none */
export async function schemaAt(inspection: Inspection, reference: unknown): Promise<NamedSchema | null> {
  const path = fileRefOf(reference, '')?.path;
  if (path === undefined) return null;
  const document = await inspection.document(path);
  return { path, root: document?.ok === true && isObject(document.value) ? document.value : null };
}
