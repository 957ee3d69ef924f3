// The part that needs no web framework: for programs that act as somebody, and should start quickly.
export {
  type DevelopmentIssuerOptions,
  type DevelopmentTokenOptions,
  developmentKeyFile,
  isLoopback,
  openDevelopmentIssuer,
  signDevelopmentToken,
} from './development-issuer.js';
export { DevelopmentIssuerRefused, IdentitiesRefused } from './errors.js';
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
