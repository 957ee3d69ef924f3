export { CATALOGUE, type CatalogueEntry, RULESET } from './check-ids.js';
export {
  checkEvidence,
  EVIDENCE_TASKS,
  type EvidenceTask,
  evidenceKind,
  evidenceTaskOf,
} from './evidence/check-evidence.js';
export type { FixableFinding } from './fixes/compatible-fixes.js';
export { FIXABLE } from './fixes/fixable.js';
export { type FileChange, type Mending, mend } from './fixes/mend.js';
export { MANIFEST_SECTIONS, Manifest, manifestJsonSchema } from './manifest/manifest.schema.js';
export { type NamedFile, namedFiles } from './manifest/named-files.js';
export { permissionSetOf } from './permissions/permission-set.js';
export { submissionStarts, workflowLinks } from './permissions/workflow-links.js';
export type { RiskFacts } from './run/risk-facts.js';
export { RunCancelled, type RunOptions, runChecks, type Verdict, verdictBytes } from './run/run-checks.js';
export { sarifOfResults } from './run/sarif.js';
export {
  type DigestedReference,
  digestedSubmission,
  referenceOf,
} from './submission/digested-submission.js';
export { MANIFEST_LIMITS, manifestOf, type ReadManifest } from './submission/manifest-of.js';
export { changedSections, hashSections, type SectionDigests } from './submission/sections.js';
export * from './submission.js';
export { type Trace, traceLines, traceOf, traceSvg } from './workflow/trace.js';
