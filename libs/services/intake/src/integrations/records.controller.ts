import { type Caller, CurrentCaller } from '@kwanus/auth';
import { IntegrationId, intakeHttp, ReleaseVersion } from '@kwanus/contracts';
import { type Answer, Answers, answer, minVersionQuery, notFound, pastQuery } from '@kwanus/http';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { decisionsView, signOffView, stewardshipOf, validationsView, waiversView } from '../views/records.js';
import { mainRelease } from '../views/shown.js';
import { Showing } from '../views/shown.query.js';

const RecordsQuery = z.strictObject({ ...pastQuery, ...minVersionQuery, release: ReleaseVersion.optional() });
type Asked = z.infer<typeof RecordsQuery>;

/** What was recorded on an integration: decisions, validations, waivers, signatures, annual tasks. */
@ApiTags('integrations')
@Controller('v1/integrations/:id')
export class RecordsController {
  constructor(private readonly showing: Showing) {}

  @Get('decisions')
  @ApiOperation({ summary: 'Every decision with its votes and its due date.' })
  @Answers(intakeHttp.DecisionsView)
  async decisions(
    @Param('id', { schema: IntegrationId }) id: string,
    @Query({ schema: RecordsQuery }) { release, ...when }: Asked,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<z.infer<typeof intakeHttp.DecisionsView>>> {
    const view = decisionsView(await this.showing.of(id, caller, when), release);
    return answer(view, { version: view.version });
  }

  @Get('validations')
  @ApiOperation({ summary: 'What intake recorded of validations.' })
  @Answers(intakeHttp.ValidationsView)
  async validations(
    @Param('id', { schema: IntegrationId }) id: string,
    @Query({ schema: RecordsQuery }) { release, ...when }: Asked,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<z.infer<typeof intakeHttp.ValidationsView>>> {
    const view = validationsView(await this.showing.of(id, caller, when), release);
    return answer(view, { version: view.version });
  }

  @Get('waivers')
  @ApiOperation({ summary: 'Waivers, those that ran out included.' })
  @Answers(intakeHttp.WaiversView)
  async waivers(
    @Param('id', { schema: IntegrationId }) id: string,
    @Query({ schema: RecordsQuery }) { release, ...when }: Asked,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<z.infer<typeof intakeHttp.WaiversView>>> {
    const view = waiversView(await this.showing.of(id, caller, when), release);
    return answer(view, { version: view.version });
  }

  @Get('sign-off')
  @ApiOperation({ summary: 'Who has signed, who has not, and what stands in the way.' })
  @Answers(intakeHttp.SignOffView)
  async signOff(
    @Param('id', { schema: IntegrationId }) id: string,
    @Query({ schema: RecordsQuery }) { release, ...when }: Asked,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<z.infer<typeof intakeHttp.SignOffView>>> {
    const shown = await this.showing.of(id, caller, when);
    const { state, version } = shown.overview;
    const meant = release === undefined ? mainRelease(state) : state.releases[release];
    if (meant === undefined) throw notFound();
    return answer(signOffView(shown, meant), { version });
  }

  @Get('stewardship')
  @ApiOperation({ summary: 'The annual tasks with their due dates.' })
  @Answers(intakeHttp.StewardshipView)
  async stewardship(
    @Param('id', { schema: IntegrationId }) id: string,
    @Query({ schema: RecordsQuery.omit({ release: true }) }) when: Asked,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<z.infer<typeof intakeHttp.StewardshipView>>> {
    const shown = await this.showing.of(id, caller, when);
    const { version } = shown.overview;
    return answer({ integrationId: id, version, items: [...stewardshipOf(shown)] }, { version });
  }
}
