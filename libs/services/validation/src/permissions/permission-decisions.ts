import { permissionSetOf } from '@kwanus/checks-catalogue';
import {
  ACTION_TYPE,
  DecisionEngine,
  type PermissionSet,
  type PolicyDecision,
  type PolicyRequest,
  PRINCIPAL_TYPE,
  qualified,
  resourceType,
  vocabularyOf,
} from '@kwanus/checks-permissions';
import type { validationHttp } from '@kwanus/contracts';
import { type HeldGrants, heldBy, type PermissionRegistry, revokedFrom } from '@kwanus/domain-validation';
import type { ReadStreamOptions } from '@kwanus/event-store';
import type { Clock } from '@kwanus/kernel';
import { CLOCK } from '@kwanus/service';
import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { RunInputsGatherer } from '../runs/run-inputs.js';
import { RunBooks } from '../runs/run-validation.job.js';
import {
  GrantStreams,
  grantsStream,
  matrixStream,
  REGISTRY_STREAM,
  runStream,
} from '../validation-streams.js';

export type Question = z.infer<typeof validationHttp.PermissionQuestion>;
export type Decision = z.infer<typeof validationHttp.PermissionDecision>;

/** At which time, or by which version of the registry, it is decided; neither: now. */
export interface DecidedAt {
  readonly at?: string | undefined;
  readonly version?: number | undefined;
}

/** Decides requests of integrations by what they declared, as far as the registry lets it in. */
@Injectable()
export class PermissionDecisions {
  readonly #engine = new DecisionEngine();

  constructor(
    private readonly books: RunBooks,
    private readonly grants: GrantStreams,
    private readonly gatherer: RunInputsGatherer,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @returns null where no such integration is known */
  async decide(question: Question, { at, version }: DecidedAt): Promise<Decision | null> {
    const { integrationId, release } = question;
    const now = at === undefined ? this.clock.now() : Date.parse(at);
    const then: ReadStreamOptions = at === undefined ? {} : { at };
    const [grants, registry] = await Promise.all([
      this.grants.load(grantsStream(integrationId), then),
      this.books.registry.load(REGISTRY_STREAM, version === undefined ? then : { toVersion: version }),
    ]);
    if (grants.version === 0 && !(await this.#isKnown(integrationId))) return null;
    const held = heldBy(grants.state, release);
    const told = { integrationId, registryVersion: registry.state.version, at: new Date(now).toISOString() };
    if (grants.state.suspended) return { ...told, ...denied('The integration is suspended.'), release: null };
    if (held === undefined)
      return { ...told, ...denied('No such release of it is rolled out.'), release: null };
    return {
      ...told,
      ...(await this.#byPolicies(question, held, {
        registry: registry.state,
        revoked: revokedFrom(grants.state, held.release),
        now,
      })),
      release: held.release,
    };
  }

  async #isKnown(integrationId: string): Promise<boolean> {
    return (await this.books.matrix.load(matrixStream(integrationId))).version > 0;
  }

  async #byPolicies(
    question: Question,
    held: HeldGrants,
    { registry, revoked, now }: Ground,
  ): Promise<Outcome> {
    if (held.runId === null) return denied('No validation run has judged the release.');
    const { action, resource } = question;
    const active = Object.values(registry.permissions).filter(({ status }) => status === 'active');
    const type = resourceType(resource.type);
    if (vocabularyOf(active).actions.get(action)?.includes(type) !== true)
      return denied(`The registry has no active permission for ${action} on ${resource.type}.`);
    const key = `${held.runId} ${registry.version} ${revoked.join()}`;
    if (!this.#engine.has(key))
      this.#engine.prepare(key, withoutGrants(await this.#setOf(question, held.runId, registry), revoked));
    return outcomeOf(this.#engine.decide(key, requestOf(question, type, now)), { held, revoked });
  }

  /** A run without a request holds no submission, and permits nothing. */
  async #setOf(
    { integrationId }: Question,
    runId: string,
    state: PermissionRegistry,
  ): Promise<PermissionSet> {
    const registry = RunInputsGatherer.registryOf(state);
    const { request } = (await this.books.runs.load(runStream(runId))).state;
    return request === null
      ? { integrationId, grants: [], policies: [], vocabulary: vocabularyOf(registry.permissions) }
      : permissionSetOf(await this.gatherer.submission(request), registry);
  }
}

/** What a decision rests on. */
interface Ground {
  readonly registry: PermissionRegistry;
  /** What was taken from the release. */
  readonly revoked: readonly string[];
  readonly now: number;
}

/** Policies of a partner for a permission that was taken away go with it. */
const withoutGrants = (set: PermissionSet, revoked: readonly string[]): PermissionSet => ({
  ...set,
  grants: set.grants.filter(({ id }) => !revoked.includes(id)),
  policies: set.policies.filter(({ permission }) => !revoked.includes(permission)),
});

type Outcome = Pick<Decision, 'decision' | 'policies' | 'reason'>;

const denied = (reason: string): Outcome => ({ decision: 'deny', policies: [], reason });

function outcomeOf(
  { decision, policies }: PolicyDecision,
  { held: { release }, revoked }: { readonly held: HeldGrants; readonly revoked: readonly string[] },
): Outcome {
  const named = policies.join(', ');
  const taken = revoked.length === 0 ? '' : ` Taken from it: ${revoked.join(', ')}.`;
  const refused =
    policies.length === 0
      ? `No permission of release ${release} covers it.${taken}`
      : `Forbidden by ${named}.`;
  return {
    decision,
    policies: [...policies],
    reason: decision === 'allow' ? `Permitted by ${named}.` : refused,
  };
}

const requestOf = (
  { integrationId, workspace, action, resource, fields }: Question,
  type: string,
  now: number,
): PolicyRequest => ({
  principal: { type: PRINCIPAL_TYPE, id: integrationId },
  action: { type: ACTION_TYPE, id: action },
  resource: { type: qualified(type), id: resource.id },
  resourceWorkspace: resource.workspace,
  workspace,
  fields,
  now,
});
