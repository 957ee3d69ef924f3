import { own, ownText } from '@kwanus/checks-kit';
import type { Operation } from './contract.js';
import type { Comparison } from './report.js';
import { daysBetween, hasRunOut, isNoDay, sunsetOf } from './sunset.js';

const isDeprecated = ({ value }: Operation): boolean => own(value, 'deprecated') === true;

/** Deprecation, its day, and the name of an operation. */
export function compareLifecycle(comparison: Comparison, base: Operation, revision: Operation): void {
  const [was, is] = [isDeprecated(base), isDeprecated(revision)];
  const remark = { pointer: revision.pointer, subject: 'operation' };
  if (!was && is) deprecated(comparison, revision);
  if (was && !is)
    comparison.report('endpoint-reactivated', 'info', { ...remark, text: 'is no longer deprecated' });
  if (was && is) compareSunset(comparison, base, revision);
  compareOperationId(comparison, base, revision);
}

/** Days from the announcement to the end that a profile asks for. */
const WINDOW_DAYS = { 'strict-partner': 90, lenient: 30 } as const;

function deprecated(comparison: Comparison, { value, pointer }: Operation): void {
  const { asOf, profile = 'strict-partner' } = comparison.options;
  const sunset = sunsetOf(value);
  const remark = { pointer, subject: 'operation' };
  comparison.report('endpoint-deprecated', 'info', {
    ...remark,
    text: `is deprecated${sunset === null ? '' : ` until ${sunset}`}`,
  });
  if (isNoDay(value))
    comparison.report('api-deprecated-sunset-parse', 'warning', {
      ...remark,
      text: 'its sunset is no day of the calendar',
    });
  if (sunset !== null && asOf !== undefined && daysBetween(asOf, sunset) < WINDOW_DAYS[profile])
    comparison.report('api-sunset-date-too-small', 'warning', {
      ...remark,
      text: `its sunset date ${sunset} is less than ${WINDOW_DAYS[profile]} days away`,
    });
}

function compareOperationId(comparison: Comparison, base: Operation, revision: Operation): void {
  const was = ownText(base.value, 'operationId');
  const is = ownText(revision.value, 'operationId');
  if (was === undefined || was === is) return;
  const what = is === undefined ? 'removed' : `replaced by ${is}`;
  comparison.report('api-operation-id-removed', 'warning', {
    pointer: revision.pointer,
    subject: 'operation',
    text: `the operation id ${was} was ${what}: generated clients and workflows use it`,
  });
}

function compareSunset(comparison: Comparison, base: Operation, revision: Operation): void {
  const was = sunsetOf(base.value);
  const is = sunsetOf(revision.value);
  if (was === null) return;
  const remark = { pointer: revision.pointer, subject: 'operation' };
  if (is === null)
    comparison.report('sunset-deleted', 'warning', { ...remark, text: 'its sunset date was taken back' });
  else if (is < was)
    comparison.report('api-sunset-date-changed-too-small', 'error', {
      ...remark,
      text: `its sunset date was moved from ${was} to the earlier ${is}`,
    });
}

/** An operation may go on the day that was announced, not before, and not without one. */
export function operationRemoved(
  comparison: Comparison,
  operation: Operation,
  after: ReadonlyMap<string, Operation>,
): void {
  const pathGone = ![...after.values()].some(({ path }) => path === operation.path);
  const what = pathGone ? 'api-path-removed' : 'api-removed';
  const remark = { pointer: operation.pointer, side: 'base' as const, subject: 'operation' };
  if (!isDeprecated(operation))
    return comparison.report(`${what}-without-deprecation`, 'error', {
      ...remark,
      text: 'was removed without having been deprecated',
    });
  const sunset = sunsetOf(operation.value);
  if (sunset === null)
    return comparison.report(
      `${what}-with-deprecation`,
      comparison.options.profile === 'lenient' ? 'warning' : 'error',
      { ...remark, text: 'was removed after having been deprecated without a date' },
    );
  if (!hasRunOut({ deprecated: true, sunset }, comparison.options))
    return comparison.report(`${what}-before-sunset`, 'error', {
      ...remark,
      text: `was removed before its sunset date ${sunset}`,
    });
  comparison.report(`${what}-with-deprecation`, 'info', {
    ...remark,
    text: `was removed after its sunset date ${sunset}`,
  });
}
