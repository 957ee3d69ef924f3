export { AuthGuard } from './auth.guard.js';
export { Authenticator, type TrustedIssuer } from './authenticator.js';
export {
  AllowRoles,
  type AuthenticatedRequest,
  type Caller,
  CurrentCaller,
  callerOf,
  hasRole,
  maySee,
  maySeePartner,
  OPEN_KEY,
  OpenToAll,
  partnerIn,
  ROLES_KEY,
} from './caller.js';
export {
  type DevelopmentIssuerOptions,
  type DevelopmentTokenOptions,
  developmentKeyFile,
  isLoopback,
  openDevelopmentIssuer,
  signDevelopmentToken,
} from './development-issuer.js';
export {
  DevelopmentIssuerRefused,
  Forbidden,
  IdentitiesRefused,
  IssuerRefused,
  IssuerUnreachable,
  Unauthenticated,
} from './errors.js';
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
export { type RemoteIssuerOptions, remoteIssuer } from './remote-issuer.js';
export { ROLES, type Role } from './roles.js';
