import { readFileSync } from 'node:fs';
import { folderSubmission, runChecks, type Verdict } from '@kwanus/checks-catalogue';
import type { CheckContext, CheckResult } from '@kwanus/checks-kit';
import { openExtensionSandbox } from '@kwanus/checks-sandbox';
import { type DatabaseOptions, openVulnerabilityScanner } from '@kwanus/checks-vulnerabilities';
import { validationHttp } from '@kwanus/contracts';
import { systemClock } from '@kwanus/kernel';
import type { z } from 'zod';
import { usage } from '../exit.js';

/** The permission registry at a version, with the tiers that partners were granted, and the platform's events where they are known. */
export type Registry = CheckContext['registry'] & Pick<CheckContext, 'events'>;

export interface CheckFolderOptions {
  /** Folders of live versions, newest first. */
  readonly base?: readonly string[] | undefined;
  /** null: none is at hand, so what it would be asked is not judged. */
  readonly registry: Registry | null;
  /** Platform versions in service; without any, nothing is said of them. */
  readonly platform?: readonly string[] | undefined;
  /** What bills of materials are compared with; without it the scan is inconclusive. */
  readonly vulnerabilities?: DatabaseOptions | undefined;
}

/** What the checks came to on this machine. */
export interface LocalVerdict {
  readonly integrationId: string;
  readonly release: string;
  readonly outcome: 'passed' | 'failed' | 'inconclusive';
  /** A check failed. What can't be judged here doesn't block here: it does in step 4. */
  readonly blocks: boolean;
  readonly ruleset: string;
  readonly checks: readonly CheckResult[];
}

/** @returns the registry as the platform shows it */
export const asRegistry = (view: z.infer<typeof validationHttp.RegistryView>): Registry => ({
  version: view.registryVersion,
  permissions: view.permissions,
  tiers: Object.fromEntries(view.tiers.map(({ partner, tier }) => [partner, tier])),
  ...(view.events === undefined ? {} : { events: view.events }),
});

/** @returns the registry of a file, as `kwanus permissions --json` prints it. @throws CommandFailed (2) */
export function registryOf(file: string): Registry {
  const parsed = validationHttp.RegistryView.safeParse(jsonOf(file));
  if (!parsed.success)
    throw usage(`${file} is no permission registry. Make one with \`kwanus permissions --json\`.`);
  return asRegistry(parsed.data);
}

function jsonOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw usage(error instanceof SyntaxError ? `${file} is not JSON.` : `${file} can't be read.`);
  }
}

/** Runs the checks of the validation service on a folder. @throws FolderRefused, CommandFailed (2) */
export async function checkFolder(folder: string, options: CheckFolderOptions): Promise<LocalVerdict> {
  const submission = await folderSubmission(folder);
  return localVerdict(await runChecks(submission, await contextOf(options), { fixes: true }), options);
}

/** @returns what is judged by on this machine. @throws FolderRefused */
export async function contextOf(options: CheckFolderOptions): Promise<CheckContext> {
  const { vulnerabilities: database } = options;
  const { events, ...registry } = options.registry ?? { version: 0, permissions: [], tiers: {} };
  const bases = await Promise.all((options.base ?? []).map((base) => folderSubmission(base)));
  return {
    bases,
    registry,
    ...(events === undefined ? {} : { events }),
    platformVersions: options.platform ?? [],
    ...(database === undefined ? {} : { vulnerabilities: openVulnerabilityScanner(database) }),
    sandbox: openExtensionSandbox(),
    profile: 'strict-partner',
    asOf: new Date(systemClock.now()).toISOString(),
    signal: AbortSignal.timeout(120_000),
  };
}

/** @returns the verdict as far as it can be given without the platform */
export function localVerdict(
  { integrationId, release, ruleset, results }: Verdict,
  { registry }: CheckFolderOptions,
): LocalVerdict {
  const checks = registry === null ? results.map(withoutRegistry) : results;
  const blocks = checks.some(({ outcome }) => outcome === 'failed');
  const passed = checks.every(({ outcome }) => outcome === 'passed');
  const outcome = blocks ? 'failed' : passed ? 'passed' : 'inconclusive';
  return { integrationId, release, outcome, blocks, ruleset, checks };
}

/** Say that a permission is in no registry. */
const NOT_REGISTERED = new Set(['PM205', 'WC106']);

/** Nobody asked a registry: that it lacks a permission is no finding. */
function withoutRegistry(result: CheckResult): CheckResult {
  const findings = result.findings.filter(
    ({ ruleId, severity }) => severity !== 'blocks' || !NOT_REGISTERED.has(ruleId),
  );
  if (findings.length === result.findings.length) return result;
  const blocks = findings.some(({ severity }) => severity === 'blocks');
  return {
    ...result,
    findings,
    outcome: blocks ? result.outcome : 'inconclusive',
    summary: blocks
      ? result.summary
      : 'No permission registry is at hand: log in, or give --registry FILE. The rest of it holds.',
  };
}
