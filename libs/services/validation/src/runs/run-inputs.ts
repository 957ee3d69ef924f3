import { ArtifactStore } from '@kwanus/artifacts';
import { type DigestedReference, digestedSubmission } from '@kwanus/checks-catalogue';
import type {
  CheckContext,
  Neighbours,
  PlatformEvent,
  RegisteredPermission,
  Submission,
  SubmissionFile,
} from '@kwanus/checks-kit';
import type {
  IntegrationGrants,
  PermissionRegistry,
  RequestedSubmission,
  RunPins,
  RunRequest,
} from '@kwanus/domain-validation';
import type { JsonObject } from '@kwanus/kernel';
import { Inject, Injectable } from '@nestjs/common';
import { LinksQuery } from '../permissions/links.query.js';
import { GrantStreams, grantsStream, REGISTRY_STREAM, RegistryStreams } from '../validation-streams.js';
import type { Judgement, Linked } from './judgement.js';

/** What checks use beside the submission, of this instance: the sandbox, and the scanner where there is a database. */
export type CheckTools = Pick<CheckContext, 'sandbox' | 'vulnerabilities'>;
/** Injects the CheckTools. */
export const CHECK_TOOLS = Symbol('kwanus check tools');

/** Gathers what a run judges: artefacts by digest, hashed again; the registry at the version that the run is pinned to. */
@Injectable()
export class RunInputsGatherer {
  constructor(
    private readonly artifacts: ArtifactStore,
    private readonly registry: RegistryStreams,
    private readonly grants: GrantStreams,
    private readonly neighbours: LinksQuery,
    @Inject(CHECK_TOOLS) readonly tools: CheckTools,
  ) {}

  /** @returns the version up to which use of permissions is known */
  async grantsVersion(integrationId: string): Promise<number> {
    return (await this.grants.load(grantsStream(integrationId))).version;
  }

  /**
   * @param read reads the manifest elsewhere: a large one would keep this thread for too long
   * @returns how its workflows stand among those of others: what a run notes of them, and what it is pinned to
   */
  async links(
    { integrationId, submission }: RunRequest,
    read: (submission: DigestedReference) => Promise<Linked>,
  ): Promise<Pick<RunPins, 'links' | 'neighbours'>> {
    const linked = await read(referenceOf(integrationId, submission)).catch(() => null);
    if (linked === null) return { neighbours: NOT_FOLLOWED as unknown as JsonObject };
    const { links, starts } = linked;
    const neighbours =
      links === null ? NOT_FOLLOWED : await this.neighbours.reachedFrom(starts, integrationId);
    return {
      links: (links ?? []) as unknown as readonly JsonObject[],
      neighbours: neighbours as unknown as JsonObject,
    };
  }

  /** @returns the submission under judgement */
  submission({ integrationId, submission }: RunRequest): Promise<Submission> {
    return this.#open(integrationId, submission);
  }

  /** @returns what a thread is to judge, and everything beside the submission that the verdict depends on */
  async judgement(request: RunRequest, pins: RunPins, checks: readonly string[] | null): Promise<Judgement> {
    const { integrationId, submission, bases } = request;
    return {
      request,
      submission: referenceOf(integrationId, submission),
      bases: bases.map((base) => referenceOf(integrationId, base)),
      given: await this.#given(request, pins),
      tools: {
        vulnerabilities: this.tools.vulnerabilities !== undefined,
        sandbox: this.tools.sandbox !== undefined,
      },
      checks,
    };
  }

  /** @returns the bytes as they are kept; whoever reads them hashes them again */
  async bytes(digest: string): Promise<Uint8Array | null> {
    return (await this.artifacts.get(`sha256:${digest}`))?.bytes ?? null;
  }

  async #given({ integrationId, asOf }: RunRequest, pins: RunPins): Promise<Judgement['given']> {
    return {
      registry: { version: pins.registryVersion, ...(await this.#registered(pins.registryVersion)) },
      platformVersions: pins.platformVersions,
      ...(pins.events === undefined ? {} : { events: pins.events as unknown as readonly PlatformEvent[] }),
      profile: pins.profile,
      ...(await this.#seen(integrationId, pins.grantsVersion)),
      ...(pins.neighbours === undefined ? {} : { neighbours: pins.neighbours as unknown as Neighbours }),
      asOf,
    };
  }

  /** @returns the registry as checks and decisions read it */
  static registryOf(state: PermissionRegistry): CheckContext['registry'] {
    return { version: state.version, permissions: permissionsOf(state), tiers: state.tiers };
  }

  async #seen(
    integrationId: string,
    version: number | undefined,
  ): Promise<Pick<CheckContext, 'violations' | 'revocations'>> {
    if (version === undefined) return {};
    if (version === 0) return { violations: [] };
    const { state } = await this.grants.load(grantsStream(integrationId), { toVersion: version });
    return { violations: state.violations, ...revokedIn(state) };
  }

  async #registered(version: number): Promise<Omit<CheckContext['registry'], 'version'>> {
    if (version === 0) return { permissions: [], tiers: {} };
    const { state } = await this.registry.load(REGISTRY_STREAM, { toVersion: version });
    return { permissions: permissionsOf(state), tiers: state.tiers };
  }

  #open(integrationId: string, submission: RequestedSubmission): Promise<Submission> {
    return digestedSubmission(referenceOf(integrationId, submission), (digest) => this.bytes(digest));
  }
}

const referenceOf = (
  integrationId: string,
  { release, manifestPath, files }: RequestedSubmission,
): DigestedReference => ({
  integrationId,
  release,
  manifestPath,
  files: files as unknown as readonly SubmissionFile[],
});

/** Absent where nothing was taken away, so that verdicts from before keep their inputs. */
function revokedIn({ revocations }: IntegrationGrants): Pick<CheckContext, 'revocations'> {
  const taken = revocations.filter(({ status }) => status === 'accepted');
  if (taken.length === 0) return {};
  return {
    revocations: taken.map(({ permission, releases, ground, reason }) => ({
      permission,
      releases,
      ground,
      reason: reason ?? '',
    })),
  };
}

const permissionsOf = ({ permissions }: PermissionRegistry): readonly RegisteredPermission[] =>
  Object.values(permissions)
    .map(({ id, title, owner, resource, actions, privileged, tiers, status }) => ({
      id,
      title,
      owner,
      resource,
      actions,
      privileged,
      tiers,
      status,
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));

/** What can’t be opened now is not followed; the run itself says what is wrong as soon as it reads. */
const NOT_FOLLOWED: Neighbours = { workflows: [], complete: false };
