import { join } from 'node:path';
import { submitFolder } from '../commands/submit.js';
import { Driver } from '../demo/driver.js';
import type { Company } from '../demo/people.js';
import { assembleNamed, EVIDENCE, RELEASE } from './submission.js';

/** How far an integration is taken; there it rests. */
export const GOALS = ['prepared', 'rollout'] as const;
export type Goal = (typeof GOALS)[number];

/** One integration on its way. */
export interface Applicant {
  readonly id: string;
  readonly goal: Goal;
}

/** In the preparation nothing goes on without the partner; in the rollout's first step nothing without the bodies. */
const STEP: Readonly<Record<Goal, number>> = { prepared: 2, rollout: 5 };
/** Two hundred who look every other second keep two processes of intake busy with nothing else. */
const LOOK_EVERY_MS = 5_000;

/**
 * Submits an integration and does what its gates ask for until it is where it shall rest.
 * @param patienceMs how long it may stand still: longer than any outage
 */
export async function drive(
  { name, goal }: { readonly name: string; readonly goal: Goal },
  { company, folder, patienceMs }: { company: Company; folder: string; patienceMs: number },
): Promise<Applicant> {
  const place = join(folder, name);
  const id = assembleNamed(name, place);
  const { client } = await company.player('partner');
  const { version } = await submitFolder({ client: () => client }, place);
  const driver = new Driver({
    integration: id,
    company,
    narrator: null,
    folder: place,
    evidence: EVIDENCE,
    version,
    lookEveryMs: LOOK_EVERY_MS,
    patienceMs,
  });
  await driver.drive(RELEASE, ({ step }) => step >= STEP[goal]);
  return { id, goal };
}
