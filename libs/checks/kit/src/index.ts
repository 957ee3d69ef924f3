export type {
  Check,
  CheckContext,
  CheckOutcome,
  CheckResult,
  Finding,
  PermissionViolation,
  PlatformEvent,
  RegisteredPermission,
  RevokedPermission,
  Severity,
  Submission,
  SubmissionFile,
} from './check.js';
export { addressesIn, codeLines } from './code-lines.js';
export { type CodeText, type CodeTexts, codeTexts, databaseIn, isDatabaseDriver } from './code-texts.js';
export {
  DOCUMENT_LIMITS,
  type DocumentLimits,
  type ParsedDocument,
  parseDocument,
  type RefusedDocument,
} from './document.js';
export { type FindingInput, finding, fingerprintOf, presentable } from './finding.js';
export { applyFix } from './fix/apply-fix.js';
export { type Fix, type PatchFix, type PatchOperation, type TextFix, withoutFixes } from './fix/fix.js';
export { jsonLines } from './json-source.js';
export { isOutOfMemory } from './out-of-memory.js';
export { at, isObject, own, ownList, ownObject, ownText, pointerOf, segmentsOf } from './pointer.js';
export type {
  Attempt,
  Capability,
  CodeScan,
  CodeUse,
  ExtensionProbe,
  ExtensionRun,
  ExtensionSandbox,
  ProbeRequest,
  SandboxWall,
} from './sandbox.js';
export { answerOfThread, ThreadGivenUp, type ThreadTask, tookLongerThan } from './thread-answer.js';
export type {
  BillOfMaterials,
  ScannedDatabase,
  ScanRequest,
  UnidentifiedComponent,
  UnreadableDocument,
  UnusedStatement,
  VulnerabilityScan,
  VulnerabilityScanner,
  VulnerabilityStatement,
  VulnerableComponent,
} from './vulnerabilities.js';
export type { Neighbours, NeighbourWorkflow, WorkflowLink } from './workflow-link.js';
