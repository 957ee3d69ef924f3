export {
  AllowRoles,
  type AuthenticatedRequest,
  type Caller,
  CurrentCaller,
  callerOf,
  hasRole,
  maySeePartner,
  OpenToAll,
  ROLES,
  type Role,
} from './caller.js';
export { DevelopmentIssuerRefused, Forbidden, IdentitiesRefused, Unauthenticated } from './errors.js';
export {
  actorIdOf,
  DEVELOPMENT_ISSUER,
  displayNameOf,
  type FirstSeat,
  type Identities,
  loadIdentities,
  type Person,
  parseIdentities,
  personOf,
} from './identities.js';
