import { pointerOf } from '@kwanus/checks-kit';
import { type Declared, declaredIn } from '../manifest/declared.js';
import type { Manifest } from '../manifest/manifest.schema.js';
import { fileRefOf } from '../manifest/named-files.js';
import { DATA_CLASSES } from '../manifest/stores.js';
import type { CheckRun } from '../run/check-run.js';
import type { Inspection } from '../run/inspection.js';

export type Permission = Declared['permissions'][number];
type DataAccess = Declared['dataAccess'][number];

/** @returns what a permission is about, by its scope or else by its id */
export const resourceOf = ({ id, scope }: Permission): string => scope?.resource ?? id.split(':', 1)[0] ?? id;

/** One thing that reaches further than in the newest live version. */
interface Growth {
  readonly subject: string;
  readonly pointer: string;
  /** By what it grew, in words: `actions update`, `fields address`. */
  readonly by: readonly string[];
}

/** PM204: more than the newest live version had, in permissions, data or hosts. Allowed, and looked at by SCO; the risk rises with it. */
export async function checkEscalation(run: CheckRun): Promise<void> {
  const [newest] = run.inputs.bases;
  const before = newest === undefined ? null : (await newest.manifest()).manifest;
  const permissions = permissionsGrown(run, before, newest);
  run.facts['newPermissions'] = permissions.map(({ subject }) => subject);
  if (newest === undefined) return;
  const found = [...permissions, ...dataGrown(run.declared, before), ...hostsGrown(run.declared, before)];
  for (const { subject, pointer, by } of found)
    await run.warns('PM204', {
      pointer,
      subject: `${subject} ${by.join()}`,
      message: `${subject} reaches further than in ${newest.submission.release}: ${by.join('; ')}.`,
      why: 'What reaches further is approved by SCO and rolled out under control.',
      remedy: 'Nothing, if it is meant: SCO decides the permission checkpoint.',
    });
}

const listsOf = (before: Manifest | null): Declared | null => (before === null ? null : declaredIn(before));

function permissionsGrown(
  run: CheckRun,
  before: Manifest | null,
  newest: Inspection | undefined,
): readonly Growth[] {
  const had = listsOf(before)?.permissions ?? [];
  return run.declared.permissions.flatMap((permission, index) => {
    const earlier = had.find(({ id }) => id === permission.id);
    const by =
      earlier === undefined
        ? [`it is new, with ${permission.actions.join(', ')}`]
        : [...permissionGrowth(earlier, permission), ...policyGrowth(run, permission, [earlier, newest])];
    return by.length === 0 ? [] : [{ subject: permission.id, pointer: pointerOf('permissions', index), by }];
  });
}

const permissionGrowth = (was: Permission, is: Permission): readonly string[] => [
  ...named('actions', added(was.actions, is.actions)),
  ...reachGrown(was, is),
  ...fieldsGrown(was.scope?.fields, is.scope?.fields),
  ...rateGrown(was.limits?.ratePerMinute, is.limits?.ratePerMinute),
];

function reachGrown(was: Permission, is: Permission): readonly string[] {
  const workspace = is.scope?.workspace ?? 'any';
  const resource = resourceOf(is);
  const widened = workspace !== 'self' && workspace !== was.scope?.workspace;
  return [
    ...(widened ? [`workspace ${workspace}`] : []),
    ...(resource === resourceOf(was) ? [] : [`resource ${resource}`]),
  ];
}

const rateGrown = (was: number | undefined, is: number | undefined): readonly string[] =>
  was === undefined || (is !== undefined && is <= was) ? [] : [`rate ${is ?? 'without limit'}`];

/** No list of fields is all of them. */
const fieldsGrown = (
  was: readonly string[] | undefined,
  is: readonly string[] | undefined,
): readonly string[] =>
  was === undefined ? [] : is === undefined ? ['all fields'] : named('fields', added(was, is));

/** Which way a policy changed is not told by its bytes, so any change is looked at; one that came in addition only restricts. */
function policyGrowth(
  { inputs }: CheckRun,
  is: Permission,
  [was, newest]: readonly [Permission, Inspection | undefined],
): readonly string[] {
  const earlier = digestOf(newest, was);
  return earlier === null || earlier === digestOf(inputs.inspection, is) ? [] : ['its policy'];
}

function digestOf(inspection: Inspection | undefined, { policy }: Permission): string | null {
  const path = fileRefOf(policy, '')?.path;
  return inspection?.submission.files.find((file) => file.path === path)?.digest ?? null;
}

/** From what may be seen by all to what may be seen by the fewest. */

function dataGrown(now: Declared, before: Manifest | null): readonly Growth[] {
  const had = listsOf(before)?.dataAccess ?? [];
  return now.dataAccess.flatMap((access, index) => {
    const earlier = had.filter(({ store }) => store === access.store);
    const by = earlier.length === 0 ? [`it is new, class ${access.class}`] : accessGrowth(earlier, access);
    return by.length === 0
      ? []
      : [{ subject: `data ${access.store}`, pointer: pointerOf('dataAccess', index), by }];
  });
}

/** A store may have several entries; together they are what was had. */
function accessGrowth(earlier: readonly DataAccess[], is: DataAccess): readonly string[] {
  const most = Math.max(...earlier.map(({ class: kind }) => DATA_CLASSES.indexOf(kind)));
  const longest = Math.max(...earlier.map(({ retentionDays }) => retentionDays ?? Number.POSITIVE_INFINITY));
  const kept = is.retentionDays ?? Number.POSITIVE_INFINITY;
  return [
    ...(DATA_CLASSES.indexOf(is.class) > most ? [`class ${is.class}`] : []),
    ...named(
      'fields',
      added(
        earlier.flatMap(({ fields }) => fields),
        is.fields,
      ),
    ),
    ...(kept > longest ? [is.retentionDays === undefined ? 'kept without end' : `kept ${kept} days`] : []),
    ...(earlier.some(({ via }) => via === is.via) ? [] : [`via ${is.via}`]),
  ];
}

function hostsGrown(now: Declared, before: Manifest | null): readonly Growth[] {
  const had = listsOf(before);
  const growth = (
    subject: string,
    pointer: string,
    [was, is]: readonly [readonly string[], readonly string[]],
  ): readonly Growth[] => {
    const by = named('hosts', added(was, is));
    return by.length === 0 ? [] : [{ subject, pointer, by }];
  };
  return [
    ...growth('egress', '/network/egress', [had?.egress ?? [], now.egress]),
    ...now.extensions.flatMap(({ id, sandbox }, index) =>
      growth(`extension ${id}`, pointerOf('extensions', index, 'sandbox', 'network'), [
        had?.extensions.find((extension) => extension.id === id)?.sandbox?.network ?? [],
        sandbox?.network ?? [],
      ]),
    ),
  ];
}

const added = (was: readonly string[], is: readonly string[]): readonly string[] =>
  is.filter((entry) => !was.includes(entry));

const named = (what: string, entries: readonly string[]): readonly string[] =>
  entries.length === 0 ? [] : [`${what} ${entries.join(', ')}`];
