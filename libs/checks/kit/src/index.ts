export type {
  Check,
  CheckContext,
  CheckOutcome,
  CheckResult,
  Finding,
  RegisteredPermission,
  Severity,
  Submission,
  SubmissionFile,
} from './check.js';
