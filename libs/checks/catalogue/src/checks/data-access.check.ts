import { type Fix, pointerOf } from '@kwanus/checks-kit';
import { manifestFix, memberFix } from '../fixes/fixes.js';
import { permittedFields } from '../fixes/permission-fixes.js';
import type { Declared } from '../manifest/declared.js';
import { PERSONAL, stemOf } from '../manifest/stores.js';
import type { CheckRun } from '../run/check-run.js';
import { checkDataClasses } from './data-classes.js';
import { checkDataFlow } from './data-flow.js';

const WHY = 'Data is used for a purpose, in fields that were named, for as long as was said.';

/** DA701 no fields or all fields, DA702 a permission reaches undeclared fields, DA703 personal data kept without an end, DA704 access that is not declared, DA705 what workflows take beyond, DA706 a class that is too low. */
export async function checkDataAccess(run: CheckRun): Promise<string> {
  const accesses = run.declared.dataAccess;
  for (const [index, { store, fields, class: kind, retentionDays }] of accesses.entries()) {
    const pointer = pointerOf('dataAccess', index);
    if (fields.length === 0 || fields.some((field) => field.includes('*')))
      await run.blocks('DA701', {
        pointer: `${pointer}/fields`,
        subject: store,
        message: `${store}: ${fields.length === 0 ? 'no field is named' : 'all fields are meant'}.`,
        why: WHY,
        remedy: 'List the fields.',
        fix: listedFix(run, pointer, store),
      });
    if (PERSONAL.has(kind) && retentionDays === undefined)
      await run.blocks('DA703', {
        pointer,
        subject: store,
        message: `${store} holds ${kind} data and says not for how long it is kept.`,
        why: WHY,
        remedy: 'Write retentionDays.',
      });
  }
  await checkPermissionsCovered(run);
  const followed = await checkDataFlow(run);
  await checkDataClasses(run);
  return `${accesses.length} accesses are declared with class, purpose and fields; ${followed} expressions of workflows take nothing beyond.`;
}

function listedFix(run: CheckRun, pointer: string, store: string): Fix | null {
  const fields = permittedFields(run, store);
  return fields.length === 0 ? null : memberFix(run, pointer, ['fields', [...fields]]);
}

async function checkPermissionsCovered(run: CheckRun): Promise<void> {
  for (const [index, permission] of run.declared.permissions.entries()) {
    const { id, scope } = permission;
    const resource = stemOf(scope?.resource ?? id.split(':', 1)[0] ?? id);
    const access = run.declared.dataAccess.filter(({ store }) => stemOf(store) === resource);
    const pointer = pointerOf('permissions', index);
    if (access.length > 0) {
      const declared = new Set(access.flatMap(({ fields }) => fields));
      await checkFields(run, permission, [resource, declared], pointer);
      continue;
    }
    await run.warns('DA704', {
      pointer,
      subject: id,
      message: `${id} reaches ${resource}, and no dataAccess entry says what for.`,
      why: WHY,
      remedy: 'Declare the store under dataAccess, with class, purpose and fields.',
    });
  }
}

async function checkFields(
  run: CheckRun,
  { id, scope }: Declared['permissions'][number],
  [resource, declared]: readonly [string, ReadonlySet<string>],
  pointer: string,
): Promise<void> {
  for (const field of scope?.fields ?? [])
    if (!declared.has(field))
      await run.blocks('DA702', {
        pointer: `${pointer}/scope/fields`,
        subject: `${id} ${field}`,
        message: `${id} reaches the field ${field} of ${resource}, which dataAccess does not declare.`,
        why: WHY,
        remedy: `Add ${field} to the fields under dataAccess, or take it out of the permission.`,
        fix: manifestFix(run, {
          op: 'add',
          path: `${pointerOf(
            'dataAccess',
            run.declared.dataAccess.findIndex(({ store }) => stemOf(store) === resource),
          )}/fields/-`,
          value: field,
        }),
      });
}
