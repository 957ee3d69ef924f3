import { Contract, nameOf, operationsOf } from '@kwanus/checks-contract-diff';
import {
  type CheckContext,
  type CheckResult,
  isObject,
  own,
  ownList,
  ownText,
  pointerOf,
  type Submission,
} from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';
import { normaliseHost } from '../hosts/host.js';
import { fileRefOf } from '../manifest/named-files.js';
import { CheckRun, RunInputs } from '../run/check-run.js';
import type { ReadDocument } from '../run/inspection.js';
import { readWorkflow } from '../workflow/workflow.js';

/** The four tasks of technical preparation, by their key in the manifest's `preparation`. */
export const EVIDENCE_TASKS = ['scaffolding', 'workflow', 'permissionMapping', 'sandbox'] as const;
export type EvidenceTask = (typeof EVIDENCE_TASKS)[number];

const KINDS = {
  scaffolding: 'compatibility',
  workflow: 'workflow',
  permissionMapping: 'security',
  sandbox: 'security',
} as const satisfies Record<EvidenceTask, 'compatibility' | 'workflow' | 'security'>;

/** @returns the task that an id of the playbook means: `api-scaffolding`, `permission-mapping` …; null for others */
export function evidenceTaskOf(id: string): EvidenceTask | null {
  const plain = id.toLowerCase().replace(/[^a-z]/g, '');
  if (plain.includes('scaffold')) return 'scaffolding';
  if (plain.includes('permission')) return 'permissionMapping';
  if (plain.includes('sandbox')) return 'sandbox';
  return plain.includes('workflow') ? 'workflow' : null;
}

/** @returns the kind of validation that the evidence of a task belongs to */
export const evidenceKind = (task: EvidenceTask): (typeof KINDS)[EvidenceTask] => KINDS[task];

/**
 * Checks the evidence of a preparation task for real (PB-2.2): it parses, and agrees with what manifest and contract say.
 * @param path where the evidence stands; default: what the manifest names under `preparation`
 */
export async function checkEvidence(
  task: EvidenceTask,
  submission: Submission,
  context: CheckContext,
  path?: string,
): Promise<CheckResult> {
  const inputs = new RunInputs(submission, context);
  const check = `preparation-${task}`;
  const { manifest } = await inputs.inspection.manifest();
  if (manifest === null) return unanswered(check);
  const run = new CheckRun(check, inputs, manifest);
  const file = path ?? fileRefOf(manifest.preparation?.[task], '')?.path;
  const document = file === undefined ? null : await inputs.inspection.document(file);
  if (file !== undefined && document?.ok === true)
    return run.result(await BODIES[task](run, file, document.value));
  await say(run, 'PV201', {
    file,
    pointer: pointerOf('preparation', task),
    message: `No evidence of ${task} can be read: ${unreadable(file, document)}.`,
  });
  return run.result('');
}

const unanswered = (check: string): CheckResult => ({
  check,
  outcome: 'inconclusive',
  findings: [],
  summary: 'The manifest can’t be read, so nothing can be said.',
  facts: {},
});

function unreadable(file: string | undefined, document: ReadDocument): string {
  if (file === undefined) return 'the manifest names none';
  if (document === null) return `${file} is not there`;
  return document.ok ? file : `${file} ${document.message}`;
}

interface Said {
  readonly file: string | undefined;
  readonly pointer?: string;
  readonly message: string;
  readonly remedy?: string;
}

const say = (run: CheckRun, ruleId: string, { file, pointer = '', message, remedy }: Said): Promise<void> =>
  run.blocks(ruleId, {
    ...(file === undefined || pointer.startsWith('/preparation/') ? {} : { file }),
    pointer,
    subject: message,
    message,
    why: 'Preparation is recorded with evidence that was checked, not merely claimed.',
    remedy: remedy ?? 'Write it in the shape that docs/reference/checks.md shows.',
  });

/** PV202: the scaffold parses as OpenAPI 3 and has exactly the operations of the contract. */
async function checkScaffolding(run: CheckRun, file: string, value: Json): Promise<string> {
  const root: JsonObject = isObject(value) ? value : {};
  if (ownText(root, 'openapi')?.startsWith('3.') !== true) {
    await say(run, 'PV202', { file, message: `${file} is no OpenAPI 3 document.` });
    return '';
  }
  const scaffolded = operationsOf(new Contract(root));
  const contracted = await contractedOperations(run);
  for (const [key, name] of contracted)
    if (!scaffolded.has(key))
      await say(run, 'PV202', {
        file,
        message: `${name} is in the contract and not in the scaffold.`,
        remedy: 'Scaffold it.',
      });
  for (const [key, operation] of scaffolded)
    if (!contracted.has(key))
      await say(run, 'PV202', {
        file,
        pointer: operation.pointer,
        message: `${nameOf(operation)} is scaffolded and in no contract.`,
        remedy: 'Take it out, or put it into the contract.',
      });
  return `The scaffold has the ${contracted.size} operations of the contract.`;
}

async function contractedOperations(run: CheckRun): Promise<ReadonlyMap<string, string>> {
  const contracts = await run.inspection.contracts();
  return new Map(
    contracts.flatMap(({ root }) =>
      root === null
        ? []
        : [...operationsOf(new Contract(root))].map(([key, operation]) => [key, nameOf(operation)] as const),
    ),
  );
}

/** PV203: the workflow's configuration parses as a workflow, or lists the workflows of the manifest. */
async function checkWorkflowConfiguration(run: CheckRun, file: string, value: Json): Promise<string> {
  if (own(value, 'document') === undefined) return checkWorkflowList(run, file, value);
  const { malformed, tasks } = readWorkflow(value);
  for (const pointer of malformed)
    await say(run, 'PV203', { file, pointer, message: `At ${pointer} stands no task.` });
  return `The workflow has ${tasks.length} tasks.`;
}

async function checkWorkflowList(run: CheckRun, file: string, value: Json): Promise<string> {
  const declared = run.declared.workflows.map(({ id }) => id);
  const listed = idsIn(value, 'workflows');
  if (listed.length === 0 && declared.length > 0)
    await say(run, 'PV203', {
      file,
      message: `${file} is neither a workflow nor a list under \`workflows\`.`,
    });
  for (const id of listed.filter((each) => !declared.includes(each)))
    await say(run, 'PV203', {
      file,
      message: `The workflow ${id || '(without id)'} is not in the manifest.`,
    });
  for (const id of declared.filter((each) => listed.length > 0 && !listed.includes(each)))
    await say(run, 'PV203', { file, message: `The workflow ${id} of the manifest is not configured.` });
  return `${listed.length} workflows are configured.`;
}

/** @returns the entries of a list: texts, or objects with an id */
const idsIn = (value: Json, key: string): readonly string[] =>
  ownList(value, key).map((entry) => (typeof entry === 'string' ? entry : (ownText(entry, 'id') ?? '')));

/** PV204: every declared permission is mapped, to one that the registry knows, and nothing else is. */
async function checkPermissionMapping(run: CheckRun, file: string, value: Json): Promise<string> {
  const mapped = ownList(value, 'permissions').map(
    (entry) => ownText(entry, 'permission') ?? ownText(entry, 'id') ?? '',
  );
  const declared = run.declared.permissions.map(({ id }) => id);
  const registered = new Set(
    run.context.registry.permissions.filter(({ status }) => status !== 'retired').map(({ id }) => id),
  );
  for (const id of declared) {
    if (!mapped.includes(id))
      await say(run, 'PV204', {
        file,
        message: `${id} is declared and not mapped.`,
        remedy: `Add {permission: ${id}, usedBy: […], reason: …}.`,
      });
    if (!registered.has(id))
      await say(run, 'PV204', {
        file,
        message: `${id} is not in the permission registry (version ${run.context.registry.version}).`,
        remedy: `Propose it: POST /v1/permissions.`,
      });
  }
  for (const [index, id] of mapped.entries())
    if (!declared.includes(id))
      await say(run, 'PV204', {
        file,
        pointer: pointerOf('permissions', index),
        message: `${id || 'An entry without id'} is mapped and not declared.`,
      });
  return `${declared.length} permissions are mapped to registry version ${run.context.registry.version}.`;
}

/** PV205: the sandbox grants no more than the manifest declares, and reaches no internal host. */
async function checkSandbox(run: CheckRun, file: string, value: Json): Promise<string> {
  if (ownText(value, 'workspace') === undefined)
    await say(run, 'PV205', { file, message: 'The sandbox names no workspace.' });
  const declared = new Set(run.declared.permissions.map(({ id }) => id));
  const hosts = new Set([
    ...run.declared.egress,
    ...run.declared.extensions.flatMap(({ sandbox }) => sandbox?.network ?? []),
  ]);
  for (const [index, id] of idsIn(value, 'permissions').entries())
    if (!declared.has(id))
      await say(run, 'PV205', {
        file,
        pointer: pointerOf('permissions', index),
        message: `The sandbox grants ${id || 'something unnamed'}, which is not declared.`,
      });
  for (const [index, host] of idsIn(value, 'network').entries()) {
    const { reach, because } = normaliseHost(host);
    if (!hosts.has(host))
      await say(run, 'PV205', {
        file,
        pointer: pointerOf('network', index),
        message: `The sandbox reaches ${host}, which is not declared.`,
      });
    if (reach !== 'public')
      await say(run, 'PV205', {
        file,
        pointer: pointerOf('network', index),
        message: `${host}: ${because}.`,
      });
  }
  return `The sandbox grants ${idsIn(value, 'permissions').length} permissions and reaches ${idsIn(value, 'network').length} hosts, all declared.`;
}

const BODIES: Readonly<Record<EvidenceTask, (run: CheckRun, file: string, value: Json) => Promise<string>>> =
  {
    scaffolding: checkScaffolding,
    workflow: checkWorkflowConfiguration,
    permissionMapping: checkPermissionMapping,
    sandbox: checkSandbox,
  };
