import { ownObject } from '@kwanus/checks-kit';
import { stemOf } from '../manifest/stores.js';
import type { CheckRun } from '../run/check-run.js';
import { type SubmittedWorkflow, submittedWorkflows } from '../workflow/definitions.js';
import { type Taken, takenFrom } from '../workflow/expressions.js';
import { schemaAt } from './event-changes.js';

const WHY =
  'What a workflow takes out of the platform’s data it can hand on; only what is declared may leave.';

/** DA705: data of the platform that the expressions of a workflow take, and that no entry under dataAccess declares. */
export async function checkDataFlow(run: CheckRun): Promise<number> {
  let followed = 0;
  for (const workflow of await submittedWorkflows(run.inspection, run.manifest)) {
    if (workflow.document?.ok !== true) continue;
    const brought = await broughtBy(run, workflow);
    for (const taken of takenFrom(workflow.document.value)) {
      followed += 1;
      const reached = reachedBy(taken, brought, run);
      if (reached !== null && !isDeclared(reached, run)) await undeclared(run, workflow, taken, reached);
    }
  }
  return followed;
}

/** What the trigger of a workflow brings. */
interface Brought {
  /** The platform’s resource that the event is about; null where none triggers. */
  readonly resource: string | null;
  /** Names at the top of the event’s schema, where the submission has it. */
  readonly properties: ReadonlySet<string>;
}

async function broughtBy(run: CheckRun, { declared }: SubmittedWorkflow): Promise<Brought> {
  const [, type, about] = /^(kwanus\.([^.]+)\..+)$/.exec(declared.trigger?.event ?? '') ?? [];
  if (about === undefined) return { resource: null, properties: new Set() };
  const event = run.declared.subscribes.find((one) => one.type === type);
  const schema = await schemaAt(run.inspection, event?.schema);
  return { resource: stemOf(about), properties: new Set(Object.keys(ownObject(schema?.root, 'properties'))) };
}

/** A field of a resource of the platform; null: all of it. */
interface Reached {
  readonly resource: string;
  readonly field: string | null;
}

function reachedBy({ path }: Taken, { resource, properties }: Brought, run: CheckRun): Reached | null {
  const [first, ...further] = path;
  if (first === undefined) return resource === null ? null : { resource, field: null };
  if (isResource(stemOf(first), resource, run))
    return { resource: stemOf(first), field: further.length === 0 ? null : further.join('.') };
  return resource !== null && properties.has(first) ? { resource, field: path.join('.') } : null;
}

const isResource = (name: string, brought: string | null, run: CheckRun): boolean =>
  name === brought ||
  run.context.registry.permissions.some(({ resource }) => stemOf(resource) === name) ||
  run.declared.dataAccess.some(({ store }) => store.startsWith('kwanus.') && stemOf(store) === name);

function isDeclared({ resource, field }: Reached, run: CheckRun): boolean {
  const declared = run.declared.dataAccess
    .filter(({ store }) => stemOf(store) === resource)
    .flatMap(({ fields }) => fields);
  return field !== null && declared.some((name) => field === name || field.startsWith(`${name}.`));
}

async function undeclared(
  run: CheckRun,
  { path, declared }: SubmittedWorkflow,
  { pointer }: Taken,
  { resource, field }: Reached,
): Promise<void> {
  const what = field === null ? `all of ${resource}` : `${resource}.${field}`;
  await run.blocks('DA705', {
    file: path,
    pointer,
    subject: `${declared.id} ${what}`,
    message: `${declared.id}: the expression takes ${what}, which dataAccess does not declare.`,
    why: WHY,
    remedy:
      field === null
        ? `Take the fields that are needed, one by one (\`.${resource}.id\`), and declare them under dataAccess.`
        : `Add ${field} to the fields of the ${resource} store under dataAccess, or don’t take it.`,
  });
}
