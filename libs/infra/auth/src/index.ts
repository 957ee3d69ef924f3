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
export * from './development.js';
export {
  Forbidden,
  IssuerRefused,
  IssuerUnreachable,
  Unauthenticated,
} from './errors.js';
export { type RemoteIssuerOptions, remoteIssuer } from './remote-issuer.js';
export { ROLES, type Role } from './roles.js';
