import type { Caller } from '@kwanus/auth';
import type { Clock } from '@kwanus/kernel';
import { CLOCK } from '@kwanus/service';
import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { GetOverview, type When } from '../overview/get-overview.query.js';
import { People } from '../people/people.js';
import { Playbooks } from '../playbooks/playbooks.js';
import { actorsIn, type Shown } from './shown.js';

/** Gathers what a view of one integration is made from. */
@Injectable()
export class Showing {
  constructor(
    private readonly queries: QueryBus,
    private readonly people: People,
    private readonly playbooks: Playbooks,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** `asOf` is the moment asked for, else now. @throws HttpProblem not-found, not-caught-up */
  async of(integrationId: string, caller: Caller, when: When = {}): Promise<Shown> {
    const overview = await this.queries.execute(new GetOverview(integrationId, caller, when));
    const asOf = new Date(when.at ?? this.clock.now()).toISOString();
    const names = await this.people.names(caller, actorsIn(overview));
    return { overview, playbook: this.playbooks.of(overview.state.playbook), asOf, names };
  }
}
