import type { DigestedReference } from '@kwanus/checks-catalogue';
import type {
  CheckContext,
  CheckResult,
  ExtensionProbe,
  ProbeRequest,
  SandboxWall,
  ScanRequest,
  VulnerabilityScan,
  WorkflowLink,
} from '@kwanus/checks-kit';
import type { RunRequest } from '@kwanus/domain-validation';
import type { PackedCheck } from './findings.js';
import type { JudgedRelease } from './verdicts.js';

/** What a thread is to judge, as it is copied over to it: files by digest, no functions. */
export interface Judgement {
  readonly request: RunRequest;
  readonly submission: DigestedReference;
  readonly bases: readonly DigestedReference[];
  readonly given: Omit<CheckContext, 'bases' | 'signal' | 'vulnerabilities' | 'sandbox'>;
  /** What is at hand in this instance. */
  readonly tools: { readonly vulnerabilities: boolean; readonly sandbox: boolean };
  /** Checks of the catalogue; null: the evidence that the request is about. */
  readonly checks: readonly string[] | null;
}

/** How the workflows of a submission are linked with others. */
export interface Linked {
  /** Null: they are more than the first event of a run can carry. */
  readonly links: readonly WorkflowLink[] | null;
  /** Everything that they can set going elsewhere. */
  readonly starts: readonly string[];
}

/** What it comes to, no larger than an event. */
export type Judged =
  | ({ readonly kind: 'verdict' } & JudgedRelease)
  | { readonly kind: 'evidence'; readonly result: CheckResult };

/** What a thread asks for while it judges. */
export type Question =
  | { readonly ask: 'bytes'; readonly digest: string }
  | { readonly ask: 'scan'; readonly request: ScanRequest }
  | { readonly ask: 'walls' }
  | { readonly ask: 'probe'; readonly request: ProbeRequest }
  | { readonly ask: 'keep'; readonly packed: PackedCheck };

/** The answer to each kind of question. */
export interface Answers {
  readonly bytes: Uint8Array | null;
  readonly scan: VulnerabilityScan;
  readonly walls: readonly SandboxWall[];
  readonly probe: ExtensionProbe;
  readonly keep: null;
}

/** An error as it crosses over. */
export interface CrossedError {
  readonly name: string;
  readonly message: string;
}

/** What a thread can be set to, and what it answers at the end. */
export interface Tasks {
  readonly judge: { readonly given: Judgement; readonly outcome: Judged };
  readonly link: { readonly given: DigestedReference; readonly outcome: Linked };
}

/** A task as it is given to a thread. */
export type Task = {
  readonly [Kind in keyof Tasks]: { readonly kind: Kind; readonly given: Tasks[Kind]['given'] };
}[keyof Tasks];

export type FromThread =
  | { readonly type: 'question'; readonly id: number; readonly question: Question }
  | { readonly type: 'done'; readonly outcome: Tasks[keyof Tasks]['outcome'] }
  | { readonly type: 'failed'; readonly error: CrossedError };

export type ToThread =
  | { readonly type: 'task'; readonly task: Task }
  | { readonly type: 'answer'; readonly id: number; readonly value: Answers[keyof Answers] }
  | { readonly type: 'refused'; readonly id: number; readonly error: CrossedError };

/** @returns an error as it crosses over */
export const crossing = (error: unknown): CrossedError =>
  error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: 'Error', message: String(error) };

/** @returns the error on the other side */
export const crossed = ({ name, message }: CrossedError): Error =>
  Object.assign(new Error(message), { name });
