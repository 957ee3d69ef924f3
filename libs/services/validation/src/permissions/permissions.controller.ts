import { AllowRoles, type Caller, CurrentCaller } from '@kwanus/auth';
import { validationHttp } from '@kwanus/contracts';
import type { PermissionRegistry, RegistryActor, RegistryCommand } from '@kwanus/domain-validation';
import {
  type Answer,
  Answers,
  answer,
  Command,
  checkIfMatch,
  commandMetadata,
  notFound,
  pastQuery,
  sliceOf,
} from '@kwanus/http';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Platform } from '../platform/platform.js';
import { REGISTRY_STREAM, RegistryStreams } from '../validation-streams.js';
import { SeatBook } from './seat-book.js';

const Past = z.strictObject(pastQuery);
type Propose = z.infer<typeof validationHttp.ProposePermission>;
type Decide = z.infer<typeof validationHttp.DecidePermission>;
type Registry = z.infer<typeof validationHttp.RegistryView>;
type Entry = z.infer<typeof validationHttp.PermissionView>;
type Committed = z.infer<typeof validationHttp.RegistryCommitted>;
type Grant = z.infer<typeof validationHttp.GrantTier>;
type Granted = z.infer<typeof validationHttp.TierGranted>;

/** The registry of permissions, now and at any version or time: read from its stream alone. */
@ApiTags('permissions')
@Controller('v1/permissions')
export class PermissionsController {
  constructor(
    private readonly registry: RegistryStreams,
    private readonly seats: SeatBook,
    private readonly platform: Platform,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The whole registry, now, at a moment, or at a version.' })
  @Answers(validationHttp.RegistryView)
  async list(
    @Query({ schema: Past }) past: z.infer<typeof Past>,
    @CurrentCaller() { partner }: Caller,
  ): Promise<Answer<Registry>> {
    const { state, version } = await this.registry.load(REGISTRY_STREAM, sliceOf(past));
    const isNow = Object.values(past).every((value) => value === undefined);
    const events = isNow
      ? this.platform.events?.map((event) => ({ ...event, versions: [...event.versions] }))
      : undefined;
    return answer(
      {
        registryVersion: state.version,
        permissions: entriesOf(state),
        tiers: tiersOf(state, partner),
        ...(events === undefined ? {} : { events }),
      },
      { version },
    );
  }

  @Get(':id')
  @ApiOperation({ summary: 'One permission.' })
  @Answers(validationHttp.PermissionView)
  async one(
    @Param('id', { schema: validationHttp.PermissionId }) id: string,
    @Query({ schema: Past }) past: z.infer<typeof Past>,
  ): Promise<Answer<Entry>> {
    const { state, version } = await this.registry.load(REGISTRY_STREAM, sliceOf(past));
    const entry = entriesOf(state).find((permission) => permission.id === id);
    if (entry === undefined) throw notFound();
    return answer(entry, { version });
  }

  @Post()
  @Command()
  @AllowRoles('operator', 'reviewer', 'admin')
  @ApiOperation({ summary: 'Proposes a permission with scope, owner and reason.' })
  @Answers(validationHttp.RegistryCommitted, 201)
  async propose(
    @Body({ schema: validationHttp.ProposePermission }) { reason, ...terms }: Propose,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<Committed>> {
    const { version } = await this.#handle({
      type: 'ProposePermission',
      terms,
      reason,
      by: await this.#actor(caller),
    });
    const location = `/v1/permissions/${terms.id}`;
    return answer({ permission: terms.id, registryVersion: version }, { version, status: 201, location });
  }

  @Post(':id/decisions')
  @Command()
  @HttpCode(200)
  @AllowRoles('reviewer')
  @ApiOperation({
    summary:
      'The body that the playbook names activates or retires a permission; never the one who proposed it.',
  })
  @Answers(validationHttp.RegistryCommitted)
  async decide(
    @Param('id', { schema: validationHttp.PermissionId }) id: string,
    @Body({ schema: validationHttp.DecidePermission }) { decision, reason }: Decide,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<Committed>> {
    const type = decision === 'activate' ? 'ActivatePermission' : 'RetirePermission';
    const { version } = await this.#handle({ type, id, reason, by: await this.#actor(caller) });
    return answer({ permission: id, registryVersion: version }, { version });
  }

  @Post('tiers/:partner')
  @Command()
  @HttpCode(200)
  @AllowRoles('reviewer')
  @ApiOperation({ summary: 'SCO says of which tier a partner is: what its integrations are entitled to.' })
  @Answers(validationHttp.TierGranted)
  async grantTier(
    @Param('partner', { schema: validationHttp.PartnerId }) partner: string,
    @Body({ schema: validationHttp.GrantTier }) { tier, reason }: Grant,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<Granted>> {
    const by = await this.#actor(caller);
    const { version } = await this.#handle({ type: 'GrantTier', partner, tier, reason, by });
    return answer({ partner, tier, registryVersion: version }, { version });
  }

  #handle(command: RegistryCommand) {
    return this.registry.handle({
      streamId: REGISTRY_STREAM,
      routingKey: REGISTRY_STREAM,
      command,
      context: this.registry.rule,
      metadata: commandMetadata(),
      check: ({ version }) => checkIfMatch(version),
    });
  }

  async #actor({ actor }: Caller): Promise<RegistryActor> {
    return { id: actor.id, seats: await this.seats.seatsOf(actor.id) };
  }
}

/** What tier another partner has is nobody's business. */
const tiersOf = ({ tiers }: PermissionRegistry, caller: string | null): Registry['tiers'] =>
  Object.entries(tiers)
    .filter(([partner]) => caller === null || partner === caller)
    .map(([partner, tier]) => ({ partner, tier }))
    .sort((a, b) => (a.partner < b.partner ? -1 : 1));

const entriesOf = ({ permissions }: PermissionRegistry): Entry[] =>
  Object.values(permissions)
    .map(({ id, title, owner, resource, actions, privileged, tiers, status, reason }) => ({
      id,
      title,
      owner,
      resource,
      privileged,
      status,
      reason,
      actions: [...actions],
      tiers: [...tiers],
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
