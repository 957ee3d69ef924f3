export {
  BootstrapSeats,
  ConfirmSeatChange,
  describeMembership,
  type GovernanceContext,
  type MembershipCommand,
  type MembershipEvent,
  membership,
  ProposeSeatChange,
  type SeatProposal,
  type Seats,
} from './membership.js';
