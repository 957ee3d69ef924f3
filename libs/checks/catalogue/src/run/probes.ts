import { type ExtensionProbe, type ExtensionSandbox, isObject, own } from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';
import { type Declared, declaredIn } from '../manifest/declared.js';
import { fileRefOf } from '../manifest/named-files.js';
import type { RunInputs } from './check-run.js';

/** An extension of the manifest, its code, and what was seen of it. */
export interface ProbedExtension {
  /** Place in `extensions`. */
  readonly index: number;
  readonly extension: Declared['extensions'][number];
  readonly path: string;
  /** Null: the submission has no such file. */
  readonly code: Uint8Array | null;
  /** Null: nobody looked. */
  readonly probe: ExtensionProbe | null;
}

/** @returns every extension of the manifest, probed where a sandbox is at hand */
export async function probeExtensions(inputs: RunInputs): Promise<readonly ProbedExtension[]> {
  const { manifest } = await inputs.inspection.manifest();
  if (manifest === null) return [];
  const declared = declaredIn(manifest);
  const { sandbox } = inputs.context;
  const events = sandbox === undefined ? [] : await sampleEvents(inputs, declared);
  const found: ProbedExtension[] = [];
  for (const [index, extension] of declared.extensions.entries()) {
    const path = fileRefOf(extension.entry, '')?.path ?? '';
    const code = await inputs.submission.read(path);
    const probe =
      code === null ? null : await probed(inputs, { sandbox, kind: extension.kind, code, events });
    found.push({ index, extension, path, code, probe });
  }
  return found;
}

type Events = readonly { readonly type: string; readonly data: Json }[];

const probed = (
  { context: { asOf, signal } }: RunInputs,
  {
    sandbox,
    ...what
  }: {
    readonly sandbox: ExtensionSandbox | undefined;
    readonly kind: Declared['extensions'][number]['kind'];
    readonly code: Uint8Array;
    readonly events: Events;
  },
): Promise<ExtensionProbe | null> =>
  sandbox === undefined ? Promise.resolve(null) : sandbox.probe({ ...what, asOf }, signal);

const MOST_EVENTS = 50;

/** One of each event that is subscribed to, as its schema describes it. */
async function sampleEvents({ inspection }: RunInputs, { subscribes }: Declared): Promise<Events> {
  const events: { readonly type: string; readonly data: Json }[] = [];
  for (const { type, schema } of subscribes.slice(0, MOST_EVENTS)) {
    const path = fileRefOf(schema, '')?.path;
    const document = path === undefined ? null : await inspection.document(path);
    events.push({
      type,
      data: document?.ok === true ? sampleOf(document.value, { depth: 0, room: { left: MOST_VALUES } }) : {},
    });
  }
  return events.length > 0 ? events : [{ type: 'kwanus.sample', data: {} }];
}

const DEEPEST = 6;
const MOST_VALUES = 1_000;

/** How deep a schema has been followed, and how many more values there may be. */
interface Reach {
  readonly depth: number;
  readonly room: { left: number };
}
const deeper = ({ depth, room }: Reach): Reach => ({ depth: depth + 1, room });

/** @returns a value of the schema's shape: its example where it gives one */
function sampleOf(schema: Json, reach: Reach): Json {
  reach.room.left -= 1;
  if (!isObject(schema) || reach.depth > DEEPEST || reach.room.left < 0) return null;
  for (const key of ['example', 'const', 'default']) {
    const given = own(schema, key);
    if (given !== undefined) return given;
  }
  for (const key of ['examples', 'enum', 'oneOf', 'anyOf']) {
    const list = own(schema, key);
    if (Array.isArray(list) && list.length > 0)
      return key.endsWith('Of') ? sampleOf(list[0] as Json, deeper(reach)) : (list[0] as Json);
  }
  return ofType(schema, reach);
}

function ofType(schema: JsonObject, reach: Reach): Json {
  const named = own(schema, 'type');
  const type = Array.isArray(named) ? named.find((each) => each !== 'null') : named;
  switch (type) {
    case 'string':
      return 'sample';
    case 'number':
    case 'integer':
      return 1;
    case 'boolean':
      return true;
    case 'array':
      return [sampleOf(own(schema, 'items') ?? {}, deeper(reach))];
    default: {
      const properties = own(schema, 'properties');
      const entries = isObject(properties) ? Object.entries(properties).slice(0, MOST_VALUES) : [];
      return Object.fromEntries(entries.map(([key, value]) => [key, sampleOf(value as Json, deeper(reach))]));
    }
  }
}
