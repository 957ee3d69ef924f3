import {
  type CheckContext,
  type CheckOutcome,
  type CheckResult,
  type Finding,
  type FindingInput,
  finding,
  presentable,
  type Severity,
  type Submission,
} from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';
import { type Declared, declaredIn } from '../manifest/declared.js';
import type { Manifest } from '../manifest/manifest.schema.js';
import { Inspection } from './inspection.js';
import { type ProbedExtension, probeExtensions } from './probes.js';

/** What is said about a place in a file. */
export type Remark = Omit<FindingInput, 'ruleId' | 'severity' | 'line' | 'file'> & {
  /** Default: the manifest. */
  readonly file?: string;
  /** Where it is known already. Default: the line of the pointer. */
  readonly line?: number | null;
};

/** Everything that the checks of one run share. */
export class RunInputs {
  readonly inspection: Inspection;
  readonly bases: readonly Inspection[];
  #probes: Promise<readonly ProbedExtension[]> | undefined;

  constructor(
    readonly submission: Submission,
    readonly context: CheckContext,
  ) {
    this.inspection = new Inspection(submission);
    this.bases = context.bases.map((base) => new Inspection(base));
  }

  /** @returns the extensions, each looked at once however many checks ask */
  probes(): Promise<readonly ProbedExtension[]> {
    this.#probes ??= probeExtensions(this);
    return this.#probes;
  }
}

/** One check at work: collects findings and facts, and knows the lines of every file. */
export class CheckRun {
  readonly findings: Finding[] = [];
  readonly facts: Record<string, Json> = {};
  /** The manifest's lists, empty where it says nothing. */
  readonly declared: Declared;
  #inconclusive: string | null = null;

  constructor(
    readonly check: string,
    readonly inputs: RunInputs,
    readonly manifest: Manifest,
  ) {
    this.declared = declaredIn(manifest);
  }

  get context(): CheckContext {
    return this.inputs.context;
  }

  get inspection(): Inspection {
    return this.inputs.inspection;
  }

  async blocks(ruleId: string, remark: Remark): Promise<void> {
    await this.add('blocks', ruleId, remark);
  }

  async warns(ruleId: string, remark: Remark): Promise<void> {
    await this.add('warns', ruleId, remark);
  }

  async informs(ruleId: string, remark: Remark): Promise<void> {
    await this.add('informs', ruleId, remark);
  }

  async add(severity: Severity, ruleId: string, remark: Remark): Promise<void> {
    const file = remark.file ?? this.inputs.submission.manifestPath;
    const line = remark.line === undefined ? await this.#lineOf(file, remark.pointer ?? '') : remark.line;
    this.findings.push(finding({ ...remark, ruleId, severity, file, line }));
  }

  /** The check could not come to an end; it blocks like a failed one, and says why. */
  inconclusive(reason: string): void {
    this.#inconclusive ??= reason;
  }

  result(summary: string): CheckResult {
    const blocking = this.findings.filter(({ severity }) => severity === 'blocks').length;
    const outcome = this.#outcome(blocking);
    const reason =
      outcome === 'failed'
        ? `${blocking} of ${this.findings.length} findings block.`
        : (this.#inconclusive ?? summary);
    return {
      check: this.check,
      outcome,
      findings: sorted(this.findings),
      summary: presentable(reason),
      facts: this.facts,
    };
  }

  #outcome(blocking: number): CheckOutcome {
    if (blocking > 0) return 'failed';
    return this.#inconclusive === null ? 'passed' : 'inconclusive';
  }

  async #lineOf(file: string, pointer: string): Promise<number | null> {
    if (!/\.(?:json|ya?ml)$/.test(file)) return null;
    const document = await this.inspection.document(file);
    return document?.ok === true ? document.lineOf(pointer) : null;
  }
}

const sorted = (findings: readonly Finding[]): readonly Finding[] => {
  const key = ({ file, line, ruleId, pointer, fingerprint }: Finding): string =>
    [file, String(line ?? 0).padStart(9, '0'), ruleId, pointer, fingerprint].join('\n');
  return findings
    .map((entry) => [key(entry), entry] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, entry]) => entry);
};

/** How a check is written: it looks, reports to the run, and says in one sentence what it saw. */
export type CheckBody = (run: CheckRun) => Promise<string>;
