import { intakeHttp } from '@kwanus/contracts';
import type { z } from 'zod';
import { type Calls, type CommandOptions, segment } from './calls.js';

/** `/v1/bodies`: governance bodies, their seats, and what they have to decide. */
export class BodiesClient {
  constructor(private readonly calls: Calls) {}

  list() {
    return this.calls.all('/v1/bodies', intakeHttp.BodyPage);
  }

  get(body: string) {
    return this.calls.get(`/v1/bodies/${segment(body)}`, intakeHttp.BodyView);
  }

  /** What waits for the body, the earliest due date first. */
  queue(body: string) {
    return this.calls.all(`/v1/bodies/${segment(body)}/queue`, intakeHttp.DecisionQueuePage);
  }

  proposeSeat(body: string, change: z.input<typeof intakeHttp.ProposeSeat>, options?: CommandOptions) {
    return this.calls.post(`/v1/bodies/${segment(body)}/seats`, change, intakeHttp.SeatsCommitted, options);
  }

  confirmSeat(
    body: string,
    proposal: string,
    confirmation: z.input<typeof intakeHttp.ConfirmSeat>,
    options?: CommandOptions,
  ) {
    return this.calls.post(
      `/v1/bodies/${segment(body)}/seats/${segment(proposal)}/confirm`,
      confirmation,
      intakeHttp.SeatsCommitted,
      options,
    );
  }
}
