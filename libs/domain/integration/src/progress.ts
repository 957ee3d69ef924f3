import type { StepNumber } from '@kwanus/domain-playbook';
import type { IntegrationContext } from './context.js';
import { addDuration } from './dates.js';
import { evidenceAnew } from './evidence.js';
import { GOVERNANCE, gate, isOut } from './gates.js';
import type { IntegrationEvent } from './integration.events.js';
import { evolve } from './integration.evolve.js';
import type { Integration, Release } from './integration.state.js';
import { pausedByGate } from './pausing.js';
import { entry } from './records.js';
import { givenUpRun, rolloutOf, unseenBases, validationOf } from './requests.js';
import { voided } from './voiding.js';

/** The context, and the id of the validation run that may be asked for; null: none can be. */
export type Consequential = IntegrationContext & { readonly requestId: string | null };

/**
 * Adds what follows by itself from the events that were decided: votes whose ground is gone are voided, steps whose gates have
 * opened are passed, and the next ones are entered with all that entering them means. That concerns the release that was spoken of
 * first, then every other one: what ends for one may open the gate of another.
 */
export function withConsequences(
  state: Integration,
  events: readonly IntegrationEvent[],
  version: string,
  context: Consequential,
): readonly IntegrationEvent[] {
  const all = [...events];
  let now = events.reduce(evolve, state);
  const add = (news: readonly IntegrationEvent[]): void => {
    all.push(...news);
    now = news.reduce(evolve, now);
  };
  const versions = [...new Set([version, ...Object.keys(now.releases)])];
  for (const one of versions) {
    add(voided(state, now, one, context));
    for (;;) {
      const next = { ...context, requestId: nextRequest(context, all) };
      const unseen = isStill(now) ? [] : evidenceAnew(now, one, context.playbook, next);
      const news = unseen.length > 0 ? unseen : advance(now, one, next);
      if (news.length === 0) break;
      add(news);
      add(voided(now, now, one, context));
    }
  }
  return all;
}

/** Several releases may enter step 4 by one command; each needs a run of its own: the last digits of the id count them. */
function nextRequest({ requestId }: Consequential, so: readonly IntegrationEvent[]): string | null {
  const asked = so.filter(({ type }) => type === 'ValidationRequested').length;
  if (requestId === null || asked === 0) return requestId;
  const last = Number.parseInt(requestId.slice(-4), 16) ^ asked;
  return `${requestId.slice(0, -4)}${last.toString(16).padStart(4, '0')}`;
}

const isStill = ({ status }: Integration): boolean => status === 'suspended' || status === 'retired';

function advance(state: Integration, version: string, context: Consequential): readonly IntegrationEvent[] {
  const release = entry(state.releases, version);
  if (release === undefined || release.status !== 'in-progress' || isStill(state)) return [];
  const pause = pausedByGate(state, release, context);
  return pause.length > 0 ? pause : ledOn(state, release, context);
}

function ledOn(state: Integration, release: Release, context: Consequential): readonly IntegrationEvent[] {
  if (release.step === 5 && release.rollout === null) return rolloutOf(state, release, context);
  if (release.step === 4)
    return comparedAnew(state, release, context) ?? validatedAndPassed(state, release, context);
  if (gate(state, release.release, release.step, context).state !== 'passed') return [];
  return release.step === 7 ? signedOff(state, release, context) : nextEntered(state, release, context);
}

function nextEntered(
  state: Integration,
  release: Release,
  { requestId, asOf }: Consequential,
): readonly IntegrationEvent[] {
  const next = (release.step + 1) as StepNumber;
  if (next !== 4) return passed(state, release, next);
  return requestId === null
    ? []
    : [...passed(state, release, next), validationOf(state, release, { requestId, asOf })];
}

const passed = (
  { integrationId }: Integration,
  { release, step }: Release,
  next: StepNumber,
): readonly IntegrationEvent[] => [
  { type: 'StepPassed', data: { integrationId, release, step } },
  { type: 'StepEntered', data: { integrationId, release, step: next } },
];

/** Another release went live while this one was reviewed: it is validated against that one, too. */
function comparedAnew(
  state: Integration,
  release: Release,
  { requestId, asOf }: Consequential,
): readonly IntegrationEvent[] | null {
  const unseen = unseenBases(state, release, asOf);
  return requestId === null || unseen.length === 0
    ? null
    : [
        ...givenUpRun(state, release, `${unseen.join(', ')} went live meanwhile`),
        validationOf(state, release, { requestId, asOf }),
      ];
}

/** The governance validation is the last word of step 4: all the rest is judged at that moment, on the very digests. */
function validatedAndPassed(
  state: Integration,
  release: Release,
  context: IntegrationContext,
): readonly IntegrationEvent[] {
  const { missing } = gate(state, release.release, 4, context);
  if (missing.some(({ requirement }) => requirement !== GOVERNANCE)) return [];
  const validated: IntegrationEvent = {
    type: 'GovernanceValidated',
    data: {
      integrationId: state.integrationId,
      release: release.release,
      outcome: 'passed',
      digest: release.digests['everything'] ?? '',
      membershipVersion: context.membership.version,
    },
  };
  return [validated, ...passed(state, release, 5)];
}

/** Annual tasks that run already keep their dates: a new release does not put off what is due. */
function signedOff(
  state: Integration,
  release: Release,
  { playbook, asOf }: IntegrationContext,
): readonly IntegrationEvent[] {
  const of = { integrationId: state.integrationId, release: release.release };
  const tasks = playbook.stewardship
    .filter(({ id }) => entry(state.stewardship, id) === undefined)
    .map(({ id, every }) => ({ task: id, dueAt: addDuration(asOf, every) }));
  return [
    { type: 'StepPassed', data: { ...of, step: 7 } },
    { type: 'ReleaseSignedOff', data: of },
    ...(tasks.length === 0 ? [] : [{ type: 'StewardshipScheduled' as const, data: { ...of, tasks } }]),
  ];
}

/** @returns the release that serves; undefined when none does */
export const liveRelease = (state: Integration): Release | undefined => {
  const live = state.live === null ? undefined : entry(state.releases, state.live);
  return live !== undefined && isOut(live) ? live : undefined;
};
