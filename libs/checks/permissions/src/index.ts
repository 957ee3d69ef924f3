export {
  type AnalysisInput,
  analysePolicies,
  DIRECTIONS,
  type Direction,
  describeRequest,
  type Escape,
  type PolicyAnalysis,
} from './analyse.js';
export {
  confirm,
  DecisionEngine,
  type PermissionSet,
  PoliciesRefused,
  type PolicyDecision,
  policiesOf,
} from './engine.js';
export type { EntityName, PolicyRequest } from './evaluate.js';
export { type DeclaredPermission, type Grant, grantOf } from './grant.js';
export {
  misfits,
  type PartnerPolicy,
  POLICY_LIMITS,
  type RefusedPolicies,
  readPolicies,
} from './read-policies.js';
export {
  ACTION_TYPE,
  type PermissionWords,
  PRINCIPAL_TYPE,
  qualified,
  resourceType,
  type Vocabulary,
  vocabularyOf,
} from './vocabulary.js';
