import { type Caller, CurrentCaller } from '@kwanus/auth';
import { IntegrationId, intakeHttp, ReleaseVersion } from '@kwanus/contracts';
import {
  type Answer,
  Answers,
  answer,
  Cursors,
  minVersionQuery,
  notFound,
  type Page,
  pageQuery,
  pastQuery,
} from '@kwanus/http';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import {
  documentsOf,
  type GatesView,
  gatesView,
  type IntegrationView,
  integrationView,
} from '../views/integration-view.js';
import { mainRelease } from '../views/shown.js';
import { Showing } from '../views/shown.query.js';
import { type IntegrationSummary, ListIntegrations } from './list-integrations.query.js';

const ListQuery = z.strictObject({
  ...pageQuery,
  partner: z.string().max(64).optional(),
  step: z.coerce.number().int().min(1).max(7).optional(),
  state: z.string().max(40).optional(),
  body: intakeHttp.BodyId.optional(),
  q: z.string().min(1).max(200).optional(),
});
const OneQuery = z.strictObject({ ...pastQuery, ...minVersionQuery });
const DocumentQuery = z.strictObject({
  ...pastQuery,
  ...minVersionQuery,
  release: ReleaseVersion.optional(),
});
const Kind = z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/);
type One = z.infer<typeof OneQuery>;
type DocumentView = z.infer<typeof intakeHttp.DocumentView>;

/** Integrations as they are, and as they were. */
@ApiTags('integrations')
@Controller('v1/integrations')
export class IntegrationsController {
  constructor(
    private readonly queries: QueryBus,
    private readonly showing: Showing,
    private readonly cursors: Cursors,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Integrations that the caller may see, by id.' })
  @Answers(intakeHttp.IntegrationPage)
  async list(
    @Query({ schema: ListQuery }) { limit, cursor, ...filter }: z.infer<typeof ListQuery>,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<IntegrationSummary>> {
    const own = caller.partner;
    const scope = `integrations|${own ?? '*'}|${JSON.stringify(filter)}`;
    const after = this.cursors.decode(scope, cursor) as string | null;
    if (own !== null && filter.partner !== undefined && filter.partner !== own)
      return { items: [], next: null };
    const { step, state, body, q } = filter;
    const found = await this.queries.execute(
      new ListIntegrations({
        partner: own ?? filter.partner ?? null,
        step,
        state,
        body,
        q,
        after,
        limit: limit + 1,
      }),
    );
    return this.cursors.page(scope, found, limit, ({ id }) => id);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One integration with all its releases.' })
  @Answers(intakeHttp.IntegrationView)
  async one(
    @Param('id', { schema: IntegrationId }) id: string,
    @Query({ schema: OneQuery }) when: One,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<IntegrationView>> {
    const view = integrationView(await this.showing.of(id, caller, when));
    return answer(view, { version: view.version });
  }

  @Get(':id/gates')
  @ApiOperation({ summary: 'What is missing, who must act: every step of every release.' })
  @Answers(intakeHttp.GatesView)
  async gates(
    @Param('id', { schema: IntegrationId }) id: string,
    @Query({ schema: OneQuery }) when: One,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<GatesView>> {
    const view = gatesView(await this.showing.of(id, caller, when));
    return answer(view, { version: view.version });
  }

  @Get(':id/documents/:kind')
  @ApiOperation({ summary: 'A document by kind; of the release under way where none is named.' })
  @Answers(intakeHttp.DocumentView)
  async document(
    @Param('id', { schema: IntegrationId }) id: string,
    @Param('kind', { schema: Kind }) kind: string,
    @Query({ schema: DocumentQuery }) { release, ...when }: z.infer<typeof DocumentQuery>,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<DocumentView>> {
    const shown = await this.showing.of(id, caller, when);
    const { state, version } = shown.overview;
    const meant = release === undefined ? mainRelease(state) : state.releases[release];
    const found = meant === undefined ? [] : documentsOf(shown, meant).filter((one) => one.kind === kind);
    const [document] = found;
    if (document === undefined) throw notFound();
    return answer(document, { version });
  }
}
