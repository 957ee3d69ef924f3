import { type Decider, DomainRejection } from '@kwanus/kernel';

export type PermissionStatus = 'proposed' | 'active' | 'retired';

/** A permission of the platform. */
export interface PermissionTerms {
  /** `orders:read` */
  readonly id: string;
  readonly title: string;
  /** The body or team that answers for it. */
  readonly owner: string;
  readonly resource: string;
  readonly actions: readonly string[];
  readonly privileged: boolean;
  /** Tiers that are entitled to it; empty: all. */
  readonly tiers: readonly string[];
}

/** An entry of the registry. */
export interface RegisteredPermission extends PermissionTerms {
  readonly status: PermissionStatus;
  readonly reason: string;
  /** Who proposed it: may not activate it. */
  readonly proposedBy: string;
}

/** Who acts, and the bodies in which they hold a seat. */
export interface RegistryActor {
  readonly id: string;
  readonly seats: readonly string[];
}

/** What the platform knows from its first day, and why. */
export interface FirstPermission {
  readonly terms: PermissionTerms;
  readonly reason: string;
}

export type RegistryCommand =
  | {
      /** The platform's own permissions, once, before anybody else's. */
      readonly type: 'BootstrapPermissions';
      readonly permissions: readonly FirstPermission[];
      readonly by: RegistryActor;
    }
  | {
      readonly type: 'ProposePermission';
      readonly terms: PermissionTerms;
      readonly reason: string;
      readonly by: RegistryActor;
    }
  | {
      readonly type: 'ActivatePermission';
      readonly id: string;
      readonly reason: string;
      readonly by: RegistryActor;
    }
  | {
      readonly type: 'RetirePermission';
      readonly id: string;
      readonly reason: string;
      readonly by: RegistryActor;
    }
  | {
      readonly type: 'GrantTier';
      readonly partner: string;
      /** null: of no tier any more. */
      readonly tier: string | null;
      readonly reason: string;
      readonly by: RegistryActor;
    };

interface Changed {
  /** The version of the registry that this change makes. */
  readonly registryVersion: number;
  readonly permission: string;
  readonly reason: string;
  readonly by: string;
}

export type RegistryEvent =
  | ({ readonly type: 'PermissionBootstrapped'; readonly terms: PermissionTerms } & Changed)
  | ({ readonly type: 'PermissionProposed'; readonly terms: PermissionTerms } & Changed)
  | ({ readonly type: 'PermissionActivated' } & Changed)
  | ({ readonly type: 'PermissionRetired' } & Changed)
  | {
      readonly type: 'TierGranted';
      readonly registryVersion: number;
      readonly partner: string;
      readonly tier: string | null;
      readonly reason: string;
      readonly by: string;
    };

/** The registry at a version. */
export interface PermissionRegistry {
  readonly version: number;
  readonly permissions: Readonly<Record<string, RegisteredPermission>>;
  /** The tier of each partner: what its integrations are entitled to, whatever their manifests say. */
  readonly tiers: Readonly<Record<string, string>>;
}

/** Whom the playbook lets decide about permissions. */
export interface RegistryContext {
  readonly body: string;
}

const UNBOUNDED = /\*|^(?:any|all)$/i;

function propose(
  { terms, reason, by }: Extract<RegistryCommand, { type: 'ProposePermission' }>,
  state: PermissionRegistry,
): readonly RegistryEvent[] {
  const known = state.permissions[terms.id];
  if (known !== undefined && known.status !== 'retired')
    throw new DomainRejection(
      'permission-known',
      `${terms.id} is in the registry already, as ${known.status}.`,
    );
  assertBounded(terms);
  return [{ type: 'PermissionProposed', terms, ...changed(state, terms.id, reason, by) }];
}

function assertBounded({ id, resource, actions }: PermissionTerms): void {
  for (const text of [id, resource, ...actions])
    if (UNBOUNDED.test(text))
      throw new DomainRejection(
        'permission-unbounded',
        `${text} has no end: name one resource, and list the actions.`,
      );
}

function bootstrap(
  { permissions, by }: Extract<RegistryCommand, { type: 'BootstrapPermissions' }>,
  { version }: PermissionRegistry,
): readonly RegistryEvent[] {
  if (version > 0) return [];
  return permissions.map(({ terms, reason }, index) => {
    assertBounded(terms);
    const change = { registryVersion: index + 1, permission: terms.id, reason, by: by.id };
    return { type: 'PermissionBootstrapped', terms, ...change };
  });
}

const changed = (
  state: PermissionRegistry,
  permission: string,
  reason: string,
  by: RegistryActor,
): Changed => ({
  registryVersion: state.version + 1,
  permission,
  reason,
  by: by.id,
});

function entryOf(state: PermissionRegistry, id: string): RegisteredPermission {
  const entry = Object.hasOwn(state.permissions, id) ? state.permissions[id] : undefined;
  if (entry === undefined)
    throw new DomainRejection('permission-unknown', `${id} is not in the registry: propose it first.`);
  return entry;
}

/** @throws DomainRejection not-seated */
export function assertSeated(by: RegistryActor, what: string, { body }: RegistryContext): void {
  if (!by.seats.includes(body))
    throw new DomainRejection('not-seated', `${what} is decided by ${body}, and you hold no seat there.`, [
      { what, who: body, requirement: `seat:${body}` },
    ]);
}

function activate(
  { id, reason, by }: Extract<RegistryCommand, { type: 'ActivatePermission' }>,
  state: PermissionRegistry,
  context: RegistryContext,
): readonly RegistryEvent[] {
  const entry = entryOf(state, id);
  if (entry.status === 'active') return [];
  if (entry.status === 'retired')
    throw new DomainRejection('permission-retired', `${id} was retired: propose it again.`);
  assertSeated(by, `activation of ${id}`, context);
  if (entry.proposedBy === by.id)
    throw new DomainRejection(
      'own-proposal',
      `You proposed ${id}: another member of ${context.body} activates it.`,
    );
  return [{ type: 'PermissionActivated', ...changed(state, id, reason, by) }];
}

function retire(
  { id, reason, by }: Extract<RegistryCommand, { type: 'RetirePermission' }>,
  state: PermissionRegistry,
  context: RegistryContext,
): readonly RegistryEvent[] {
  if (entryOf(state, id).status === 'retired') return [];
  assertSeated(by, `retirement of ${id}`, context);
  return [{ type: 'PermissionRetired', ...changed(state, id, reason, by) }];
}

function grantTier(
  { partner, tier, reason, by }: Extract<RegistryCommand, { type: 'GrantTier' }>,
  { version, tiers }: PermissionRegistry,
  context: RegistryContext,
): readonly RegistryEvent[] {
  assertSeated(by, `the tier of ${partner}`, context);
  const had = Object.hasOwn(tiers, partner) ? tiers[partner] : null;
  if (had === tier) return [];
  return [{ type: 'TierGranted', registryVersion: version + 1, partner, tier, reason, by: by.id }];
}

const withTier = (
  { permissions, tiers }: PermissionRegistry,
  { registryVersion, partner, tier }: Extract<RegistryEvent, { type: 'TierGranted' }>,
): PermissionRegistry => ({
  version: registryVersion,
  permissions,
  tiers: Object.fromEntries([
    ...Object.entries(tiers).filter(([name]) => name !== partner),
    ...(tier === null ? [] : [[partner, tier] as const]),
  ]),
});

const withEntry = (
  { permissions, tiers }: PermissionRegistry,
  { terms, reason, by, registryVersion }: Changed & { readonly terms: PermissionTerms },
  status: PermissionStatus,
): PermissionRegistry => ({
  version: registryVersion,
  permissions: { ...permissions, [terms.id]: { ...terms, status, reason, proposedBy: by } },
  tiers,
});

const withStatus = (
  state: PermissionRegistry,
  { permission, registryVersion }: Changed,
  status: PermissionStatus,
): PermissionRegistry => {
  const entry = state.permissions[permission];
  return {
    ...state,
    version: registryVersion,
    permissions:
      entry === undefined ? state.permissions : { ...state.permissions, [permission]: { ...entry, status } },
  };
};

/** Stream `permission-registry-default`: proposed with owner and reason, activated and retired by the body that the playbook names, which grants partners their tiers too; the platform's own are there from the first day. Its version is the registry's. */
export const permissionRegistry: Decider<
  PermissionRegistry,
  RegistryCommand,
  RegistryEvent,
  RegistryContext
> = {
  initialState: { version: 0, permissions: {}, tiers: {} },
  decide(command, state, context): readonly RegistryEvent[] {
    switch (command.type) {
      case 'BootstrapPermissions':
        return bootstrap(command, state);
      case 'ProposePermission':
        return propose(command, state);
      case 'ActivatePermission':
        return activate(command, state, context);
      case 'RetirePermission':
        return retire(command, state, context);
      case 'GrantTier':
        return grantTier(command, state, context);
    }
  },
  evolve(state, event): PermissionRegistry {
    switch (event.type) {
      case 'PermissionBootstrapped':
        return withEntry(state, event, 'active');
      case 'PermissionProposed':
        return withEntry(state, event, 'proposed');
      case 'PermissionActivated':
        return withStatus(state, event, 'active');
      case 'PermissionRetired':
        return withStatus(state, event, 'retired');
      case 'TierGranted':
        return withTier(state, event);
    }
  },
};
