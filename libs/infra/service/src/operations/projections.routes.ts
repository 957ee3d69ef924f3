import { operationsHttp } from '@kwanus/contracts';
import { Projections } from '@kwanus/event-store';
import { type Answer, Answers, answer, Command, commandMetadata, HttpProblem } from '@kwanus/http';
import { Body, Get, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import type { z } from 'zod';
import { ProjectionRebuilds, projectionOf, type Rebuild } from './projection-rebuilds.js';

const STATES = { ready: 'waiting', leased: 'running', done: 'done', failed: 'failed' } as const;

/** The read models of a service. */
export abstract class ProjectionsRoutes {
  @Inject(Projections) private readonly projections!: Projections;
  @Inject(ProjectionRebuilds) private readonly rebuilds!: ProjectionRebuilds;

  @Get('projections')
  @ApiOperation({ summary: 'Read models, how far each is, and the rebuilds that were asked for.' })
  @Answers(operationsHttp.ProjectionList)
  async listProjections(): Promise<z.infer<typeof operationsHttp.ProjectionList>> {
    const [projections, rebuilds] = await Promise.all([this.projections.list(), this.rebuilds.list()]);
    return { projections: [...projections], rebuilds: rebuilds.map(viewOf) };
  }

  @Post('projections/rebuild')
  @Command()
  @HttpCode(202)
  @ApiOperation({ summary: 'Builds read models anew from the log; the old ones are served meanwhile.' })
  @Answers(operationsHttp.RebuildRequested, 202)
  async rebuild(
    @Body({ schema: operationsHttp.RebuildProjection }) {
      name,
    }: z.infer<typeof operationsHttp.RebuildProjection>,
  ): Promise<Answer<z.infer<typeof operationsHttp.RebuildRequested>>> {
    if (name !== undefined) await this.#refuseUnknown(name);
    const { commandId } = commandMetadata();
    const projection = name ?? null;
    await this.rebuilds.request(commandId, projection);
    return answer({ id: commandId, projection }, { status: 202 });
  }

  async #refuseUnknown(name: string): Promise<void> {
    const known = [...new Set((await this.projections.list()).map((projection) => projection.name))];
    if (known.includes(name)) return;
    throw new HttpProblem('validation-failed', `There is no read model ${name} here.`, {
      errors: [{ pointer: '/name', message: `is none of ${known.join(', ')}` }],
    });
  }
}

const viewOf = (rebuild: Rebuild): z.infer<typeof operationsHttp.RebuildView> => {
  const { id, state, attempts, error, createdAt, endedAt, progress } = rebuild;
  return {
    id,
    projection: projectionOf(rebuild),
    state: STATES[state],
    attempts,
    error,
    requestedAt: createdAt,
    endedAt,
    progress:
      progress === null
        ? null
        : { projection: progress.name, handled: progress.handled, total: progress.total },
  };
};
