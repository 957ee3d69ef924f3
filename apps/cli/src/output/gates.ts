import type { intakeHttp } from '@kwanus/contracts';
import type { z } from 'zod';
import { type Place, remedyOf } from './remedy.js';
import { printable } from './table.js';

type Gates = z.infer<typeof intakeHttp.GatesView>;
type Release = Gates['releases'][number];
type Missing = Release['steps'][number]['missing'][number];
const MARKS = { passed: '✓', current: '▶', ahead: '·' } as const;

/** @returns the seven steps of each release, with what is missing in the current one, who must act, and by which command */
export function gatesText(gates: Gates, release: string | null = null): string {
  const { integrationId, status } = gates;
  const shown = gates.releases.filter((one) => release === null || one.release === release);
  const head = status === 'active' ? [] : [`${integrationId} is ${status}.`];
  // Nothing moves what is retired: to name somebody who must act would be wrong.
  const asks = status !== 'retired';
  return `${[...head, ...shown.flatMap((one) => releaseLines(integrationId, one, asks))].join('\n')}\n`;
}

function releaseLines(
  integrationId: string,
  { release, step, status, steps }: Release,
  asks: boolean,
): string[] {
  const place = { integrationId, release };
  return [
    `${integrationId} ${release}: step ${step}, ${status}`,
    ...steps.flatMap(({ step: number, title, state, missing }) => [
      `  ${MARKS[state]} ${number} ${title}`,
      ...(asks && state === 'current' ? missing.flatMap((one) => missingLines(one, place)) : []),
    ]),
  ];
}

function missingLines(missing: Missing, place: Place): string[] {
  const { what, who } = missing;
  const remedy = remedyOf(missing, place);
  return [
    `      missing: ${printable(what)} — ${who} must act`,
    ...(remedy === null ? [] : [`               ${remedy}`]),
  ];
}
