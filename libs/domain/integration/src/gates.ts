import { type Playbook, STEP_NUMBERS, type StepNumber } from '@kwanus/domain-playbook';
import { DomainRejection, type Missing } from '@kwanus/kernel';
import type { Integration, Release } from './integration.state.js';
import { judge, lapsed } from './judges.js';
import { entry } from './records.js';

/** A step as a gate. */
export type Gate = {
  readonly step: StepNumber;
  readonly id: string;
  readonly title: string;
  readonly state: 'passed' | 'blocked';
  readonly missing: readonly Missing[];
};

const OUT: ReadonlySet<Release['status']> = new Set(['live', 'superseded', 'deprecated']);

/** @returns true when the release has been signed off */
export const isOut = ({ status }: Pick<Release, 'status'>): boolean => OUT.has(status);

/** @returns the release that is being rolled out; until it is signed off, a release that is exposed is not the live one */
export const rollingOut = ({ releases }: Integration): Release | undefined =>
  Object.values(releases).find(({ step, status }) => status === 'in-progress' && step >= 5);

/** @returns the releases that keep another one out of step 5: exposed without being live, or live and about to go */
const blocking = (state: Integration, version: string): readonly Release[] =>
  Object.values(state.releases).filter(
    ({ release, step, status, rollout }) =>
      release !== version &&
      ((status === 'in-progress' && step >= 5) || (isOut({ status }) && rollout?.goingBack === true)),
  );

/** @returns what a step still asks for, at a moment: waivers and votes expire, so the answer may change without an event */
export function gate(
  state: Integration,
  version: string,
  step: StepNumber,
  { playbook, asOf }: { readonly playbook: Playbook; readonly asOf: string },
): Gate {
  const release = releaseOf(state, version);
  const rule = playbook.steps.find(({ number }) => number === step);
  const question = { state, release, playbook, asOf };
  const required = rule?.requires ?? [`step:${step}`];
  const missing = withoutOwnWork([
    ...required.flatMap((requirement) => judge({ ...question, requirement })),
    ...besides(question, step),
  ]);
  const passed = release.step > step || isOut(release) || missing.length === 0;
  const { id = String(step), title = '' } = rule ?? {};
  return { step, id, title, state: passed ? 'passed' : 'blocked', missing };
}

/** The requirement that every approval, seat, quorum, separation and waiver is judged again. */
export const GOVERNANCE = 'validation:governance';

/** The governance validation follows by itself from all the rest: it is missing for itself only where nothing else is. */
function withoutOwnWork(missing: readonly Missing[]): readonly Missing[] {
  const others = missing.filter(({ requirement }) => requirement !== GOVERNANCE);
  return others.length > 0 ? others : missing;
}

function besides(
  question: {
    readonly state: Integration;
    readonly release: Release;
    readonly playbook: Playbook;
    readonly asOf: string;
  },
  step: StepNumber,
): readonly Missing[] {
  const { state, release } = question;
  if (isOut(release)) return [];
  return [
    ...(step === 5 || step === 6 ? lapsed(question) : []),
    ...(step === release.step ? standstill(state, release) : []),
  ];
}

/** What stands in the way beside the requirements of the step. */
function standstill(state: Integration, release: Release): readonly Missing[] {
  const { step, status, rollout } = release;
  const missing: Missing[] = [];
  if (state.status === 'suspended')
    missing.push({
      what: 'reinstatement of the integration, which is suspended',
      who: 'operator',
      requirement: 'lifecycle:reinstate',
    });
  if (status === 'withdrawn')
    missing.push({
      what: `resubmission of ${release.release}, which is withdrawn`,
      who: 'partner',
      requirement: 'lifecycle:resubmit',
    });
  if (step >= 5 && rollout?.goingBack === true)
    missing.push({
      what: `the end of the roll-back of ${release.release}, which somebody asked for`,
      who: 'rollout',
      requirement: 'rollout:rollback',
    });
  if (step === 4)
    for (const other of blocking(state, release.release))
      missing.push({
        what: `the sign-off or the end of ${other.release}, which is in step ${other.step}: one release at a time`,
        who: other.step === 7 && !isOut(other) ? 'partner' : 'rollout',
        requirement: 'release:one-at-a-time',
      });
  return missing;
}

/** @returns the gates of all seven steps of a release */
export const gatesOf = (
  state: Integration,
  version: string,
  context: { readonly playbook: Playbook; readonly asOf: string },
): readonly Gate[] => STEP_NUMBERS.map((step) => gate(state, version, step, context));

/** @returns the release. @throws DomainRejection `unknown-release` */
export function releaseOf(state: Integration, version: string): Release {
  const release = entry(state.releases, version);
  if (release === undefined)
    throw new DomainRejection(
      'unknown-release',
      `${state.integrationId || 'The integration'} has no release ${version}. Known are: ${Object.keys(state.releases).join(', ') || 'none'}.`,
      [{ what: `release ${version}`, who: 'partner', requirement: 'release:submitted' }],
    );
  return release;
}
