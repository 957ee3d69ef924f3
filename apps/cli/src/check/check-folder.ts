import { readFileSync } from 'node:fs';
import { folderSubmission, runChecks } from '@kwanus/checks-catalogue';
import type { CheckContext, CheckResult } from '@kwanus/checks-kit';
import { validationHttp } from '@kwanus/contracts';
import { systemClock } from '@kwanus/kernel';
import { usage } from '../exit.js';

export interface CheckFolderOptions {
  /** Folders of live versions, newest first. */
  readonly base?: readonly string[];
  /** File with the permission registry, as `kwanus permissions --json` prints it. */
  readonly registry?: string;
  readonly platform?: readonly string[];
}

/** What the checks came to on this machine. */
export interface LocalVerdict {
  readonly integrationId: string;
  readonly release: string;
  readonly outcome: 'passed' | 'failed' | 'inconclusive';
  readonly blocks: boolean;
  readonly ruleset: string;
  readonly checks: readonly CheckResult[];
}

const registryOf = (file: string | undefined): CheckContext['registry'] =>
  file === undefined ? { version: 0, permissions: [], tiers: {} } : parseRegistry(file);

function parseRegistry(file: string): CheckContext['registry'] {
  const parsed = validationHttp.RegistryView.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success)
    throw usage(`${file} is no permission registry. Make one with \`kwanus permissions --json\`.`);
  const { registryVersion, permissions, tiers } = parsed.data;
  return {
    version: registryVersion,
    permissions,
    tiers: Object.fromEntries(tiers.map(({ partner, tier }) => [partner, tier])),
  };
}

/** Runs the checks of the validation service on a folder. @throws FolderRefused, CommandFailed (2) */
export async function checkFolder(folder: string, options: CheckFolderOptions): Promise<LocalVerdict> {
  const submission = await folderSubmission(folder);
  const bases = await Promise.all((options.base ?? []).map((base) => folderSubmission(base)));
  const verdict = await runChecks(submission, {
    bases,
    registry: registryOf(options.registry),
    platformVersions: options.platform ?? [],
    profile: 'strict-partner',
    asOf: new Date(systemClock.now()).toISOString(),
    signal: AbortSignal.timeout(120_000),
  });
  const { integrationId, release, outcome, ruleset, results } = verdict;
  return { integrationId, release, outcome, blocks: outcome !== 'passed', ruleset, checks: results };
}
