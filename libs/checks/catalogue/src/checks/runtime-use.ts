import { pointerOf } from '@kwanus/checks-kit';
import type { CheckRun } from '../run/check-run.js';

/** PM210: what monitoring has seen of live versions, and what came of it. */
export async function checkRuntimeUse(run: CheckRun): Promise<void> {
  await checkViolations(run);
  await checkRevoked(run);
}

/** What a live version used and did not hold. What is declared now needs no word; what was allowed without a grant blocks. */
async function checkViolations(run: CheckRun): Promise<void> {
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

/** A permission that was taken away does not come back by being declared again: another release needs the body's word. */
async function checkRevoked(run: CheckRun): Promise<void> {
  const { release } = run.inputs.submission;
  for (const { permission, releases, ground, reason } of run.context.revocations ?? []) {
    const index = run.declared.permissions.findIndex(({ id }) => id === permission);
    if (index < 0) continue;
    const was = ground === 'unused' ? 'nobody used it' : 'it was used without being held';
    await run.add(releases.includes(release) ? 'warns' : 'blocks', 'PM210', {
      pointer: pointerOf('permissions', index),
      subject: `${releases.join(' ')} ${permission} revoked`,
      message: `${permission} was taken from ${releases.join(', ')}, because ${was}: ${reason}`,
      why: 'What was taken from an integration does not come back unseen.',
      remedy: `Take ${permission} out, or ask SCO to waive this with the reason for which it is needed now.`,
      facts: { permission, releases: [...releases], ground },
    });
  }
}
