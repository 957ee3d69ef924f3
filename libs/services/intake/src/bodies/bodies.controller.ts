import { AllowRoles, type Caller, CurrentCaller } from '@kwanus/auth';
import { uuidv5 } from '@kwanus/canonical';
import { intakeHttp } from '@kwanus/contracts';
import { ConfirmSeatChange, ProposeSeatChange, type Seats } from '@kwanus/domain-governance';
import type { Body as BodyRule } from '@kwanus/domain-playbook';
import type { Handled, Loaded } from '@kwanus/event-store';
import {
  type Answer,
  Answers,
  answer,
  Command,
  commandMetadata,
  notFound,
  type Page,
  pastQuery,
  sliceOf,
} from '@kwanus/http';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { type Names, People } from '../people/people.js';
import { Playbooks } from '../playbooks/playbooks.js';
import { Memberships } from './memberships.js';

const PastQuery = z.strictObject(pastQuery);
const ProposalId = z.uuid();
type BodyView = z.infer<typeof intakeHttp.BodyView>;
type SeatsCommitted = z.infer<typeof intakeHttp.SeatsCommitted>;

/** Governance bodies and their seats. Changes of seats are events too, and need two admins. */
@ApiTags('bodies')
@Controller('v1/bodies')
export class BodiesController {
  constructor(
    private readonly memberships: Memberships,
    private readonly playbooks: Playbooks,
    private readonly people: People,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The governance bodies with their seats.' })
  @Answers(intakeHttp.BodyPage)
  async list(
    @Query({ schema: PastQuery }) past: z.infer<typeof PastQuery>,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<Page<BodyView>>> {
    const loaded = await this.memberships.load(sliceOf(past));
    const names = await this.names(caller, loaded.state);
    const items = this.playbooks.current.bodies.map((body) => bodyView(body, loaded, names, caller));
    return answer({ items, next: null }, { version: loaded.version });
  }

  @Get(':body')
  @ApiOperation({ summary: 'One body with its seats, and changes of them that wait for a second admin.' })
  @Answers(intakeHttp.BodyView)
  async one(
    @Param('body', { schema: intakeHttp.BodyId }) body: string,
    @Query({ schema: PastQuery }) past: z.infer<typeof PastQuery>,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<BodyView>> {
    const rule = this.rule(body);
    const loaded = await this.memberships.load(sliceOf(past));
    const view = bodyView(rule, loaded, await this.names(caller, loaded.state), caller);
    return answer(view, { version: loaded.version });
  }

  @Post(':body/seats')
  @Command()
  @HttpCode(200)
  @AllowRoles('admin')
  @ApiOperation({ summary: 'Proposes that somebody takes or leaves a seat.' })
  @Answers(intakeHttp.SeatsCommitted)
  async propose(
    @Param('body', { schema: intakeHttp.BodyId }) body: string,
    @Body({ schema: intakeHttp.ProposeSeat }) proposed: z.infer<typeof intakeHttp.ProposeSeat>,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<SeatsCommitted>> {
    this.rule(body);
    const metadata = commandMetadata();
    const proposal = uuidv5(`intake seat ${metadata.commandId}`);
    const command = new ProposeSeatChange(
      { proposal, body, ...proposed },
      caller.actor.id,
      await this.people.partnerOf(proposed.actor),
    );
    return this.committed(proposal, await this.memberships.decide(command, metadata), caller);
  }

  @Post(':body/seats/:proposal/confirm')
  @Command()
  @HttpCode(200)
  @AllowRoles('admin')
  @ApiOperation({ summary: 'The second admin’s word on a proposed change of seats.' })
  @Answers(intakeHttp.SeatsCommitted)
  async confirm(
    @Param('body', { schema: intakeHttp.BodyId }) body: string,
    @Param('proposal', { schema: ProposalId }) proposal: string,
    @Body({ schema: intakeHttp.ConfirmSeat }) { reason }: z.infer<typeof intakeHttp.ConfirmSeat>,
    @CurrentCaller() caller: Caller,
  ): Promise<Answer<SeatsCommitted>> {
    this.rule(body);
    const command = new ConfirmSeatChange(proposal, body, caller.actor.id, reason);
    return this.committed(proposal, await this.memberships.decide(command, commandMetadata()), caller);
  }

  private async committed(
    proposal: string,
    { version }: Handled,
    caller: Caller,
  ): Promise<Answer<SeatsCommitted>> {
    await this.people.meet(caller);
    return answer({ proposal, version }, { version });
  }

  private rule(body: string): BodyRule {
    const rule = this.playbooks.current.bodies.find(({ id }) => id === body);
    if (rule === undefined) throw notFound();
    return rule;
  }

  private names(caller: Caller, { seats, proposals }: Seats): Promise<Names> {
    const actors = Object.values(proposals).flatMap(({ actor, by }) => [actor, by]);
    return this.people.names(caller, [...Object.values(seats).flat(), ...actors]);
  }
}

/** Who is proposed for a seat is told to the platform's people only. */
function bodyView(rule: BodyRule, { state, version }: Loaded<Seats>, names: Names, caller: Caller): BodyView {
  const { id, name, field, quorum } = rule;
  const waiting = caller.partner === null ? Object.values(state.proposals) : [];
  return {
    id,
    name,
    field,
    quorum,
    seats: (state.seats[id] ?? []).map(names),
    proposals: waiting
      .filter(({ body }) => body === id)
      .map(({ proposal, change, actor, by, reason }) => ({
        proposal,
        change,
        actor: names(actor),
        proposedBy: names(by),
        reason,
      })),
    version,
  };
}
