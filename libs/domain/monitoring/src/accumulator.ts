import { distinctOf, mergeDistinct } from './distinct.js';
import type { ApiCall, ExtensionRun, PermissionUse, TelemetryFact, WorkflowRun } from './facts.js';
import { latencyOf, mergeLatency } from './latency.js';
import {
  CAPS,
  type ExtensionTotals,
  type NamedCount,
  type OperationTotals,
  OTHER,
  type PermissionTotals,
  type WindowTotals,
  type WorkflowTotals,
} from './totals.js';

/** The names that a release declared; they are kept before all others when a cap is reached. */
export interface DeclaredNames {
  readonly operations: ReadonlySet<string>;
  readonly workflows: ReadonlySet<string>;
  readonly permissions: ReadonlySet<string>;
  readonly extensions: ReadonlySet<string>;
}

const NOTHING: ReadonlySet<string> = new Set();
const NOTHING_DECLARED: DeclaredNames = {
  operations: NOTHING,
  workflows: NOTHING,
  permissions: NOTHING,
  extensions: NOTHING,
};

/**
 * Adds up telemetry of one release and window. Commutative and associative: whatever the order of facts and of partial totals,
 * the same totals come out, caps included (the names kept are always the first `cap` of all, declared ones before others).
 */
export class Accumulator {
  readonly #operations = new Tally(mergeOperations, sizeOfOperation);
  readonly #workflows = new Tally(mergeWorkflows, sizeOfWorkflow);
  readonly #permissions = new Tally(mergePermissions, sizeOfPermission);
  readonly #extensions = new Tally(mergeExtensions, sizeOfExtension);
  readonly #workspaces = new Set<number>();
  #observations = 0;
  #overflowed = 0;

  constructor(private readonly declared: DeclaredNames = NOTHING_DECLARED) {}

  /** Adds one observation. */
  add(fact: TelemetryFact): this {
    this.#observations += 1;
    for (const hash of distinctOf(fact.workspace)) this.#workspaces.add(hash);
    switch (fact.kind) {
      case 'api-call':
        this.#operations.add(ofApiCall(fact));
        return this;
      case 'workflow-run':
        this.#workflows.add(ofWorkflowRun(fact));
        return this;
      case 'permission-use':
        this.#permissions.add(ofPermissionUse(fact));
        return this;
      case 'extension':
        this.#extensions.add(ofExtensionRun(fact));
        return this;
    }
  }

  /** Adds totals that were made elsewhere. */
  absorb(totals: WindowTotals): this {
    totals.operations.forEach((entry) => this.#operations.add(entry));
    totals.workflows.forEach((entry) => this.#workflows.add(entry));
    totals.permissions.forEach((entry) => this.#permissions.add(entry));
    totals.extensions.forEach((entry) => this.#extensions.add(entry));
    totals.workspaces.forEach((hash) => this.#workspaces.add(hash));
    this.#observations += totals.observations;
    this.#overflowed += totals.overflowed;
    return this;
  }

  /** @returns what was added up so far, within the caps */
  totals(): WindowTotals {
    const operations = this.#operations.capped(CAPS.operations, this.declared.operations);
    const workflows = this.#workflows.capped(CAPS.workflows, this.declared.workflows);
    const permissions = this.#permissions.capped(CAPS.permissions, this.declared.permissions);
    const extensions = this.#extensions.capped(CAPS.extensions, this.declared.extensions);
    return {
      operations: operations.kept,
      workflows: workflows.kept,
      permissions: permissions.kept,
      extensions: extensions.kept,
      workspaces: mergeDistinct(this.#workspaces),
      observations: this.#observations,
      overflowed:
        this.#overflowed +
        operations.overflowed +
        workflows.overflowed +
        permissions.overflowed +
        extensions.overflowed,
    };
  }
}

/** @returns the totals of both */
export const mergeTotals = (
  first: WindowTotals,
  second: WindowTotals,
  declared: DeclaredNames = NOTHING_DECLARED,
): WindowTotals => new Accumulator(declared).absorb(first).absorb(second).totals();

/** Entries by name, added up. */
class Tally<Entry extends { readonly name: string }> {
  readonly #entries = new Map<string, Entry>();

  constructor(
    private readonly merge: (first: Entry, second: Entry) => Entry,
    private readonly size: (entry: Entry) => number,
  ) {}

  add(entry: Entry): void {
    const present = this.#entries.get(entry.name);
    this.#entries.set(entry.name, present === undefined ? entry : this.merge(present, entry));
  }

  capped(cap: number, first: ReadonlySet<string>): { kept: readonly Entry[]; overflowed: number } {
    const named = [...this.#entries.values()].filter(({ name }) => name !== OTHER);
    if (named.length <= cap) return { kept: this.sorted(), overflowed: 0 };
    const ranked = named.sort(
      (a, b) => Number(first.has(b.name)) - Number(first.has(a.name)) || byName(a, b),
    );
    const spilled = ranked.slice(cap);
    for (const entry of spilled) {
      this.#entries.delete(entry.name);
      this.add({ ...entry, name: OTHER });
    }
    return { kept: this.sorted(), overflowed: spilled.reduce((sum, entry) => sum + this.size(entry), 0) };
  }

  private sorted(): readonly Entry[] {
    return [...this.#entries.values()].sort(byName);
  }
}

const byName = (first: { readonly name: string }, second: { readonly name: string }): number =>
  first.name < second.name ? -1 : first.name > second.name ? 1 : 0;

const ofApiCall = ({ operation, status, durationMs }: ApiCall): OperationTotals => ({
  name: operation,
  requests: 1,
  failures: Number(status >= 500),
  rejected: Number(status >= 400 && status < 500),
  latency: latencyOf(durationMs),
});

const mergeOperations = (first: OperationTotals, second: OperationTotals): OperationTotals => ({
  name: first.name,
  requests: first.requests + second.requests,
  failures: first.failures + second.failures,
  rejected: first.rejected + second.rejected,
  latency: mergeLatency(first.latency, second.latency),
});

const sizeOfOperation = ({ requests }: OperationTotals): number => requests;

const ofWorkflowRun = ({ workflow, outcome, durationMs }: WorkflowRun): WorkflowTotals => ({
  name: workflow,
  succeeded: Number(outcome === 'succeeded'),
  failed: Number(outcome === 'failed'),
  timedOut: Number(outcome === 'timed-out'),
  fellBack: Number(outcome === 'fell-back'),
  cancelled: Number(outcome === 'cancelled'),
  latency: latencyOf(durationMs),
});

const mergeWorkflows = (first: WorkflowTotals, second: WorkflowTotals): WorkflowTotals => ({
  name: first.name,
  succeeded: first.succeeded + second.succeeded,
  failed: first.failed + second.failed,
  timedOut: first.timedOut + second.timedOut,
  fellBack: first.fellBack + second.fellBack,
  cancelled: first.cancelled + second.cancelled,
  latency: mergeLatency(first.latency, second.latency),
});

const sizeOfWorkflow = (entry: WorkflowTotals): number =>
  entry.succeeded + entry.failed + entry.timedOut + entry.fellBack + entry.cancelled;

const ofPermissionUse = ({ permission, decision }: PermissionUse): PermissionTotals => ({
  name: permission,
  allowed: Number(decision === 'allowed'),
  denied: Number(decision === 'denied'),
});

const mergePermissions = (first: PermissionTotals, second: PermissionTotals): PermissionTotals => ({
  name: first.name,
  allowed: first.allowed + second.allowed,
  denied: first.denied + second.denied,
});

const sizeOfPermission = ({ allowed, denied }: PermissionTotals): number => allowed + denied;

const ofExtensionRun = ({ extension, outcome, durationMs, target }: ExtensionRun): ExtensionTotals => ({
  name: extension,
  succeeded: Number(outcome === 'succeeded'),
  crashed: Number(outcome === 'crashed'),
  timedOut: Number(outcome === 'timed-out'),
  denied: Number(outcome === 'denied'),
  latency: latencyOf(durationMs),
  targets: target === undefined ? [] : [{ name: target, count: 1 }],
});

const mergeExtensions = (first: ExtensionTotals, second: ExtensionTotals): ExtensionTotals => ({
  name: first.name,
  succeeded: first.succeeded + second.succeeded,
  crashed: first.crashed + second.crashed,
  timedOut: first.timedOut + second.timedOut,
  denied: first.denied + second.denied,
  latency: mergeLatency(first.latency, second.latency),
  targets: mergeTargets(first.targets, second.targets),
});

const sizeOfExtension = (entry: ExtensionTotals): number =>
  entry.succeeded + entry.crashed + entry.timedOut + entry.denied;

const mergeCounts = (first: NamedCount, second: NamedCount): NamedCount => ({
  name: first.name,
  count: first.count + second.count,
});

function mergeTargets(first: readonly NamedCount[], second: readonly NamedCount[]): readonly NamedCount[] {
  const tally = new Tally<NamedCount>(mergeCounts, ({ count }) => count);
  for (const entry of [...first, ...second]) tally.add(entry);
  return tally.capped(CAPS.targets, NOTHING).kept;
}
