import type { ExtensionProbe, ExtensionSandbox, ProbeRequest, SandboxWall } from '@kwanus/checks-kit';
import { namespacesMissing, probeApart } from './namespaces.js';
import { probeInThread } from './thread.js';

/** How a sandbox is built. */
export interface SandboxOptions {
  /** Whether the interpreter runs in namespaces of its own. Default: where the machine has them. */
  readonly namespaces?: 'where-possible' | 'never';
}

/**
 * Opens a sandbox for extensions. Each probe has a thread of its own, with bounded memory and time, in a process of its own where the
 * machine has namespaces; there is one at a time, the others wait for their turn. What ends before its time is an open answer, not an error.
 */
export function openExtensionSandbox({
  namespaces = 'where-possible',
}: SandboxOptions = {}): ExtensionSandbox {
  let turn: Promise<unknown> = Promise.resolve();
  let missing: Promise<string | null> | undefined;
  const wallMissing = (): Promise<string | null> => {
    missing ??= namespaces === 'never' ? Promise.resolve('it was not asked for') : namespacesMissing();
    return missing;
  };
  const probe = async (request: ProbeRequest, signal: AbortSignal): Promise<ExtensionProbe> =>
    (await wallMissing()) === null ? probeApart(request, signal) : probeInThread(request, signal);
  return {
    walls: async (): Promise<readonly SandboxWall[]> => [
      { name: 'scan', notRun: null },
      { name: 'interpreter', notRun: null },
      { name: 'namespaces', notRun: await wallMissing() },
    ],
    probe: (request, signal) => {
      const probed = turn.then(() => probe(request, signal));
      turn = probed.catch(() => undefined);
      return probed;
    },
  };
}
