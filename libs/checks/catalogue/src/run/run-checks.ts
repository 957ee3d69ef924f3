import { createHash } from 'node:crypto';
import { canonicalJson } from '@kwanus/canonical';
import {
  type CheckContext,
  type CheckResult,
  ownText,
  type Submission,
  withoutFixes,
} from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';
import { type CatalogueEntry, RULESET } from '../check-ids.js';
import { RunInputs } from './check-run.js';
import { carryOut, entriesOf } from './checks.js';
import { type RiskFacts, riskFacts } from './risk-facts.js';

/** How a run is watched, limited and stopped. */
export interface RunOptions {
  /** Only these; default: the whole catalogue. */
  readonly checks?: readonly string[];
  /** Called as each check ends, in the order in which they end. */
  readonly onResult?: (result: CheckResult, entry: CatalogueEntry) => void | Promise<void>;
  readonly signal?: AbortSignal;
  /** Findings carry how they are mended by machine. Default: they don't, as in the service. */
  readonly fixes?: boolean;
  /** Checks at work at the same time. Default: 4. */
  readonly concurrency?: number;
}

/** The verdict of a run: the same inputs give the same one, byte for byte. */
export interface Verdict {
  readonly integrationId: string;
  readonly release: string;
  /** `passed` only when every check passed; a waiver is judged by others. */
  readonly outcome: 'passed' | 'failed' | 'inconclusive';
  /** In the catalogue's order, whatever the order in which they ended. */
  readonly results: readonly CheckResult[];
  readonly facts: RiskFacts;
  /** Digest of everything that was judged: files by path, bases, registry, vulnerability databases, walls of the sandbox. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly ruleset: string;
  readonly profile: CheckContext['profile'];
  readonly registryVersion: number;
  readonly asOf: string;
}

/** The run was stopped from outside; nothing is known. */
export class RunCancelled extends Error {
  override readonly name = 'RunCancelled';
}

/**
 * Carries out the checks, several at a time. No socket is opened and no file is read but through the submission.
 * @throws RunCancelled when the signal is aborted; InputCorrupt when bytes no longer have their digest
 */
export async function runChecks(
  submission: Submission,
  context: CheckContext,
  options: RunOptions = {},
): Promise<Verdict> {
  const inputs = new RunInputs(submission, context);
  const entries = entriesOf(options.checks);
  const results = new Map<string, CheckResult>();
  const waiting = [...entries];
  const work = async (): Promise<void> => {
    for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
      assertGoingOn(options.signal ?? context.signal);
      const found = await carryOut(entry, inputs);
      const result = options.fixes === true ? found : withoutFixes(found);
      results.set(entry.id, result);
      await options.onResult?.(result, entry);
      await breathe();
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, options.concurrency ?? 4) }, work));
  const ordered = entries.flatMap(({ id }) => results.get(id) ?? []);
  return {
    integrationId: submission.integrationId,
    release: submission.release,
    outcome: outcomeOf(ordered),
    results: ordered,
    facts: await riskFacts(inputs, ordered),
    inputs: { ...inputDigests(submission, context), ...databaseDigests(ordered), ...wallsDigest(ordered) },
    ruleset: RULESET,
    profile: context.profile,
    registryVersion: context.registry.version,
    asOf: context.asOf,
  };
}

/** @returns the one text of a verdict (RFC 8785) */
export const verdictBytes = (verdict: Verdict): Uint8Array =>
  new TextEncoder().encode(
    canonicalJson({ ...verdict, results: verdict.results.map(withoutFixes) } as unknown as Json),
  );

function assertGoingOn(signal: AbortSignal): void {
  if (signal.aborted) throw new RunCancelled('The run was cancelled.');
}

/** Lets timers and sockets of the process have their turn between two checks. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function outcomeOf(results: readonly CheckResult[]): Verdict['outcome'] {
  if (results.some(({ outcome }) => outcome === 'failed')) return 'failed';
  return results.every(({ outcome }) => outcome === 'passed') ? 'passed' : 'inconclusive';
}

const sha256 = (value: Json): string => createHash('sha256').update(canonicalJson(value)).digest('hex');

function inputDigests(
  submission: Submission,
  { bases, registry, platformVersions, events, violations, revocations, neighbours }: CheckContext,
): Readonly<Record<string, string>> {
  const filesOf = ({ files }: Submission): Json =>
    Object.fromEntries(files.map(({ path, digest }) => [path, digest]));
  return {
    submission: sha256(filesOf(submission)),
    ...Object.fromEntries(bases.map((base) => [`base:${base.release}`, sha256(filesOf(base))])),
    registry: sha256(registry as unknown as Json),
    platform: sha256([...platformVersions]),
    ...(events === undefined ? {} : { events: sha256(events as unknown as Json) }),
    ...(violations === undefined ? {} : { violations: sha256(violations as unknown as Json) }),
    ...(revocations === undefined ? {} : { revocations: sha256(revocations as unknown as Json) }),
    ...(neighbours === undefined ? {} : { neighbours: sha256(neighbours as unknown as Json) }),
  };
}

/** A database is known once it has been read: the check that reads it says which it was. */
function databaseDigests(results: readonly CheckResult[]): Readonly<Record<string, string>> {
  const databases = results.find(({ check }) => check === 'vulnerability-scan')?.facts['databases'];
  return Object.fromEntries(
    (Array.isArray(databases) ? (databases as readonly Json[]) : []).map((database) => [
      `osv:${ownText(database, 'ecosystem') ?? ''}`,
      ownText(database, 'digest') ?? '',
    ]),
  );
}

/** Which walls stand depends on the machine, and is told by the check that ran code behind them. */
function wallsDigest(results: readonly CheckResult[]): Readonly<Record<string, string>> {
  const walls = results.find(({ check }) => check === 'sandbox-integrity')?.facts['walls'];
  return walls === undefined ? {} : { sandbox: sha256(walls) };
}
