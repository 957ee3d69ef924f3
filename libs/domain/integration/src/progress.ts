import type { Playbook, RiskLevel, RolloutType, StepNumber } from '@kwanus/domain-playbook';
import type { JsonObject } from '@kwanus/kernel';
import type { IntegrationContext } from './context.js';
import { addDuration } from './dates.js';
import { gate, isWaived } from './gates.js';
import type { IntegrationEvent, SubmissionReference } from './integration.events.js';
import { evolve } from './integration.evolve.js';
import type { Integration, Release } from './integration.state.js';
import { changedCovers } from './votes.js';

const ORDER: readonly RolloutType[] = ['full', 'staged', 'controlled'];
const LEVELS: readonly RiskLevel[] = ['low', 'medium', 'high'];

/**
 * Adds what follows by itself from the events that were decided: votes whose ground is gone are voided, steps whose gates have
 * opened are passed, and the next ones are entered with all that entering them means.
 * @param requestId UUID for the validation run that may be asked for
 */
export function withConsequences(
  state: Integration,
  events: readonly IntegrationEvent[],
  version: string,
  context: IntegrationContext & { readonly requestId: string },
): readonly IntegrationEvent[] {
  const all = [...events];
  let now = events.reduce(evolve, state);
  const add = (...news: readonly IntegrationEvent[]): void => {
    all.push(...news);
    now = news.reduce(evolve, now);
  };
  add(...voided(now, version, context.playbook));
  for (;;) {
    const news = advance(now, version, context);
    if (news.length === 0) return all;
    add(...news);
  }
}

function voided(state: Integration, version: string, playbook: Playbook): readonly IntegrationEvent[] {
  const release = state.releases[version];
  if (release === undefined) return [];
  const votes = state.votes.flatMap((vote) => {
    const rule = playbook.decisions.find(({ id }) => id === vote.decision);
    if (vote.release !== version || rule === undefined) return [];
    const changed = changedCovers(vote, release, rule);
    return changed.length === 0 ? [] : [{ decision: vote.decision, by: vote.by, changed }];
  });
  return votes.length === 0
    ? []
    : [{ type: 'VotesVoided', data: { integrationId: state.integrationId, release: version, votes } }];
}

function advance(
  state: Integration,
  version: string,
  context: IntegrationContext & { readonly requestId: string },
): readonly IntegrationEvent[] {
  const release = state.releases[version];
  if (
    release === undefined ||
    release.status !== 'in-progress' ||
    state.status === 'suspended' ||
    state.status === 'retired'
  )
    return [];
  const of = { integrationId: state.integrationId, release: version };
  if (
    release.step === 4 &&
    release.governance !== release.digests['everything'] &&
    validatedNow(release, context)
  ) {
    const digest = release.digests['everything'] ?? '';
    return [
      {
        type: 'GovernanceValidated',
        data: { ...of, outcome: 'passed', digest, membershipVersion: context.membership.version },
      },
    ];
  }
  if (release.step === 5 && release.rollout === null) return requestRollout(state, release, context);
  if (gate(state, version, release.step, context).state !== 'passed') return [];
  if (release.step === 7) return signedOff(state, release, context);
  const next = (release.step + 1) as StepNumber;
  if (next === 5 && blocking(state, version).length > 0) return [];
  const entered: IntegrationEvent[] = [
    { type: 'StepPassed', data: { ...of, step: release.step } },
    { type: 'StepEntered', data: { ...of, step: next } },
  ];
  if (next === 4) entered.push(validationOf(state, release, context));
  return entered;
}

/** @returns the releases that keep another one out of step 5 */
export const blocking = (state: Integration, version: string): readonly Release[] =>
  Object.values(state.releases).filter(
    ({ release, step, status }) =>
      release !== version && status === 'in-progress' && (step === 5 || step === 6),
  );

const validatedNow = (release: Release, { playbook, asOf }: IntegrationContext): boolean => {
  const run = release.validation;
  return (
    run !== null &&
    run.digest === release.digests['everything'] &&
    run.outcome !== 'running' &&
    run.checks.every((verdict) => verdict.outcome === 'passed' || isWaived(release, verdict, playbook, asOf))
  );
};

const referenceOf = ({ release, manifestPath, files }: Release): SubmissionReference => ({
  release,
  manifestPath,
  files,
});

/** @returns the request for a run of everything that is submitted now, against every live version */
export function validationOf(
  state: Integration,
  release: Release,
  { requestId, asOf }: { readonly requestId: string; readonly asOf: string },
): IntegrationEvent {
  const bases = Object.values(state.releases).filter(
    ({ status, release: version }) =>
      (status === 'live' || status === 'deprecated') && version !== release.release,
  );
  return {
    type: 'ValidationRequested',
    data: {
      integrationId: state.integrationId,
      release: release.release,
      requestId,
      purpose: 'release',
      task: null,
      submission: referenceOf(release),
      bases: bases.reverse().map(referenceOf),
      asOf,
    },
  };
}

/** @returns the computed risk with its reasons, and the rollout type that it asks for */
export function riskOf(
  state: Integration,
  release: Release,
  playbook: Playbook,
): { readonly level: RiskLevel; readonly reasons: readonly string[]; readonly computed: RolloutType } {
  const facts = release.validation?.facts;
  const holds: Readonly<Record<string, boolean>> = {
    'new-permission': (facts?.newPermissions.length ?? 0) > 0,
    'new-workflow': (facts?.newWorkflows.length ?? 0) > 0,
    'new-extension': (facts?.newExtensions.length ?? 0) > 0,
    'forbidden-near': facts?.forbiddenNear ?? false,
    'breaking-change': facts?.breaking ?? false,
    'partner-only': facts?.partnerOnly ?? release.declared.partnerOnly,
    'medium-scope-change': facts?.semver === 'major',
    'first-release': state.live === null,
  };
  const firing = playbook.risk.filter(({ when }) => holds[when]);
  const level = firing.reduce<RiskLevel>(
    (worst, rule) => (LEVELS.indexOf(rule.level) > LEVELS.indexOf(worst) ? rule.level : worst),
    'low',
  );
  const computed = playbook.rollouts.find(({ forLevel }) => forLevel === level)?.type ?? 'controlled';
  return { level, reasons: firing.map(({ title }) => title), computed };
}

function typeOf(release: Release, computed: RolloutType, asOf: string): RolloutType {
  const laxer = release.waivers.find(
    ({ target, expired, expiresAt }) => target.kind === 'rollout-type' && !expired && expiresAt > asOf,
  );
  const allowed = laxer?.target.kind === 'rollout-type' ? laxer.target.rollout : computed;
  return release.stricter !== null && ORDER.indexOf(release.stricter) > ORDER.indexOf(allowed)
    ? release.stricter
    : allowed;
}

function requestRollout(
  state: Integration,
  release: Release,
  { playbook, asOf }: IntegrationContext,
): readonly IntegrationEvent[] {
  const of = { integrationId: state.integrationId, release: release.release };
  const risk = riskOf(state, release, playbook);
  const type = typeOf(release, risk.computed, asOf);
  const { declared, digests } = release;
  const laxer = release.waivers.find(({ target }) => target.kind === 'rollout-type');
  return [
    { type: 'RiskAssessed', data: { ...of, ...risk, type } },
    {
      type: 'RolloutRequested',
      data: {
        ...of,
        rolloutId: `${state.integrationId}@${release.release}.${release.rollouts + 1}`,
        previous: state.live,
        type,
        risk: { level: risk.level, reasons: risk.reasons },
        subject: state.subject,
        record: digests,
        fallback: declared.fallback,
        allowList: { internal: ['internal'], partners: [state.partner] },
        partnerOnly: declared.partnerOnly,
        watched: {
          operations: declared.operations,
          workflows: declared.workflows,
          permissions: declared.permissions,
          extensions: declared.extensions,
          slos: declared.slos,
        } as JsonObject,
        accountable: declared.accountable,
        requestedAt: asOf,
        ...(ORDER.indexOf(type) < ORDER.indexOf(risk.computed) && laxer !== undefined
          ? { typeWaiver: { body: laxer.body, reason: laxer.reason } }
          : {}),
      },
    },
  ];
}

function signedOff(
  state: Integration,
  release: Release,
  { playbook, asOf }: IntegrationContext,
): readonly IntegrationEvent[] {
  const of = { integrationId: state.integrationId, release: release.release };
  const tasks = playbook.stewardship.map(({ id, every }) => ({ task: id, dueAt: addDuration(asOf, every) }));
  return [
    { type: 'StepPassed', data: { ...of, step: 7 } },
    { type: 'ReleaseSignedOff', data: of },
    { type: 'StewardshipScheduled', data: { ...of, tasks } },
  ];
}
