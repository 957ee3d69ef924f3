import { type Decider, DomainRejection } from '@kwanus/kernel';
import type { IntegrationContext } from './context.js';
import { vote } from './decisions.js';
import { passTime } from './due.js';
import { withWhatIsMissing } from './explaining.js';
import { recordFact } from './facts.js';
import { grantWaiver } from './granting.js';
import type { IntegrationCommand } from './integration.commands.js';
import type { IntegrationEvent } from './integration.events.js';
import { evolve } from './integration.evolve.js';
import { INITIAL, type Integration } from './integration.state.js';
import { adoptPlaybook, moveIntegration } from './life.js';
import { moveRelease } from './moves.js';
import { recordStewardship } from './stewardship.js';
import { submit } from './submit.js';
import { chooseStricter, recordEvidence, requestValidation, updateLifecycle } from './work.js';

type Decide<Command> = (
  command: Command,
  state: Integration,
  context: IntegrationContext,
) => readonly IntegrationEvent[];
type Rules = {
  readonly [Type in IntegrationCommand['type']]: Decide<Extract<IntegrationCommand, { type: Type }>>;
};

const RULES: Rules = {
  SubmitRelease: submit,
  Vote: vote,
  RecordEvidence: recordEvidence,
  RequestValidation: requestValidation,
  GrantWaiver: grantWaiver,
  ChooseStricterRollout: chooseStricter,
  MoveRelease: moveRelease,
  UpdateLifecycle: updateLifecycle,
  MoveIntegration: moveIntegration,
  AdoptPlaybook: adoptPlaybook,
  RecordStewardship: recordStewardship,
  RecordFact: recordFact,
  PassTime: passTime,
};

/** The rules of one integration: all its releases through the seven steps, and its life. */
export const integration: Decider<Integration, IntegrationCommand, IntegrationEvent, IntegrationContext> = {
  initialState: INITIAL,
  decide(command, state, context) {
    if (!state.proposed && command.type !== 'SubmitRelease')
      throw new DomainRejection('not-proposed', 'There is no such integration. Submit it first.', [
        { what: 'a submission', who: 'partner', requirement: 'release:submitted' },
      ]);
    try {
      return (RULES[command.type] as Decide<IntegrationCommand>)(command, state, context);
    } catch (error) {
      throw withWhatIsMissing(error, command, state, context);
    }
  },
  evolve,
};
