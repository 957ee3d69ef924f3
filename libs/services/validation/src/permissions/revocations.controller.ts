import { AllowRoles, type Caller, CurrentCaller, maySee } from '@kwanus/auth';
import { IntegrationId, validationHttp } from '@kwanus/contracts';
import { type Revocation, revocationOf } from '@kwanus/domain-validation';
import {
  type Answer,
  Answers,
  answer,
  Command,
  Cursors,
  notFound,
  type Page,
  pageQuery,
  pastQuery,
  sliceOf,
} from '@kwanus/http';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { GrantStreams, grantsStream } from '../validation-streams.js';
import { RevocationDecisions } from './revocation-decisions.js';
import { type RevocationKey, RevocationsQuery } from './revocations.query.js';

const List = z.strictObject({
  ...pageQuery,
  integration: IntegrationId.optional(),
  status: validationHttp.RevocationStatus.optional(),
});
const Past = z.strictObject(pastQuery);
type View = z.infer<typeof validationHttp.RevocationView>;
type Views = z.infer<typeof validationHttp.RevocationsView>;
type Decide = z.infer<typeof validationHttp.DecideRevocation>;

/** Permissions that live releases hold and nobody uses, or use and do not hold: what should be taken away, and what was (PM210). */
@ApiTags('permissions')
@Controller('v1/permissions/revocations')
export class RevocationsController {
  constructor(
    private readonly query: RevocationsQuery,
    private readonly grants: GrantStreams,
    private readonly cursors: Cursors,
    private readonly decisions: RevocationDecisions,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Proposals to take permissions away, with their evidence and what became of them.',
  })
  @Answers(validationHttp.RevocationPage)
  async list(
    @Query({ schema: List }) { limit, cursor, ...filter }: z.infer<typeof List>,
    @CurrentCaller() { partner }: Caller,
  ): Promise<Page<View>> {
    const scope = `revocations|${partner ?? '*'}|${JSON.stringify(filter)}`;
    const after = this.cursors.decode(scope, cursor) as readonly [string, string, string] | null;
    const found = await this.query.list({ ...filter, partner, after, limit: limit + 1 });
    const page = this.cursors.page(scope, found, limit, (key) => [
      key.integrationId,
      key.release,
      key.permission,
    ]);
    const items: View[] = [];
    for (const key of page.items) items.push(...(await this.#one(key)));
    return { ...page, items };
  }

  @Get(':integrationId')
  @ApiOperation({ summary: 'Those of one integration, now or in the past, read from its stream.' })
  @Answers(validationHttp.RevocationsView)
  async of(
    @Param('integrationId', { schema: IntegrationId }) integrationId: string,
    @Query({ schema: Past }) past: z.infer<typeof Past>,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<Views>> {
    if (!maySee(caller, integrationId)) throw notFound();
    const { state, version } = await this.grants.load(grantsStream(integrationId), sliceOf(past));
    if (version === 0) throw notFound();
    const items = state.revocations.map((one) => viewOf(integrationId, one)).sort(inOrder);
    return answer({ integrationId, items, version }, { version });
  }

  @Post(':integrationId/:permission/decisions')
  @Command()
  @HttpCode(200)
  @AllowRoles('reviewer')
  @ApiOperation({
    summary:
      'The body that the playbook names takes the permission away (accepted), or lets it be kept (rejected); it is asked again only after as long as the playbook says.',
  })
  @Answers(validationHttp.RevocationCommitted)
  async decide(
    @Param('integrationId', { schema: IntegrationId }) integrationId: string,
    @Param('permission', { schema: validationHttp.PermissionId }) permission: string,
    @Body({ schema: validationHttp.DecideRevocation }) decision: Decide,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<z.infer<typeof validationHttp.RevocationCommitted>>> {
    const key = { integrationId, release: decision.release, permission };
    if (!maySee(caller, integrationId) || (await this.#one(key)).length === 0) throw notFound();
    const version = await this.decisions.decide(key, decision, caller);
    const [view] = await this.#one(key);
    if (view === undefined) throw notFound();
    return answer({ ...view, version }, { version });
  }

  async #one(key: RevocationKey): Promise<readonly View[]> {
    const { state } = await this.grants.load(grantsStream(key.integrationId));
    const found = revocationOf(state, key);
    return found === undefined ? [] : [viewOf(key.integrationId, found)];
  }
}

const viewOf = (integrationId: string, { releases, ...one }: Revocation): View => ({
  integrationId,
  ...one,
  releases: [...releases],
});

const inOrder = (a: View, b: View): number =>
  `${a.release} ${a.permission}` < `${b.release} ${b.permission}` ? -1 : 1;
