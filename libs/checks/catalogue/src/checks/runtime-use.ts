import type { CheckRun } from '../run/check-run.js';

/** PM210: what a live version used and did not hold. What is declared now needs no word; what was allowed without a grant blocks. */
export async function checkRuntimeUse(run: CheckRun): Promise<void> {
  const declared = new Set(run.declared.permissions.map(({ id }) => id));
  for (const { release, permission, kind, count } of run.context.violations ?? []) {
    if (declared.has(permission)) continue;
    const bypassed = kind === 'bypassed';
    await run.add(bypassed ? 'blocks' : 'warns', 'PM210', {
      pointer: '/permissions',
      subject: `${release} ${permission} ${kind}`,
      message: `${release} ${bypassed ? 'used' : 'tried to use'} ${permission} ${count} × without holding it.`,
      why: 'What an integration may do is what it declares; what it does beyond that is taken from it.',
      remedy: bypassed
        ? `Stop using ${permission}, or declare it; SCO decides whether the release keeps its permissions.`
        : `Declare ${permission}, or stop asking for it.`,
      facts: { release, permission, kind, count },
    });
  }
}
