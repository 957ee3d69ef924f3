import type { Fix } from '@kwanus/checks-kit';
import { manifestFix, parkFix } from '../fixes/fixes.js';
import type { Manifest } from '../manifest/manifest.schema.js';
import type { CheckRun } from '../run/check-run.js';

type Fallback = NonNullable<Manifest['fallback']>[number];

const WHY = 'When it fails or is taken back, users must be left with something that works.';

/** FD401 everything provided has a fallback, FD402 it exists and can be reached, FD404 the rollback's target is live. */
export async function checkFallback(run: CheckRun): Promise<string> {
  const fallbacks = run.declared.fallback;
  const provided = providedIds(run.manifest);
  for (const { id, pointer } of provided)
    if (!fallbacks.some(({ for: what }) => what === id || what.startsWith(`${id}/`)))
      await run.blocks('FD401', {
        pointer,
        subject: id,
        message: `${id} has no fallback.`,
        why: WHY,
        remedy: `Add an entry to fallback: {for: "${id}", on: [timeout, 5xx], do: park}.`,
        fix: parkFix(run, id, ['timeout', '5xx']),
      });
  const known = new Set([...provided.map(({ id }) => id), ...(await apisOfBases(run))]);
  for (const [index, fallback] of fallbacks.entries())
    await checkTarget(run, fallback, `/fallback/${index}`, known);
  await checkCircle(run, fallbacks);
  await checkRollback(run);
  return `${provided.length} things are provided; each has a fallback.`;
}

const providedIds = (manifest: Manifest): readonly { readonly id: string; readonly pointer: string }[] => [
  ...(manifest.api?.provides ?? []).map(({ id }, index) => ({
    id: `api:${id}`,
    pointer: `/api/provides/${index}`,
  })),
  ...(manifest.workflows ?? []).map(({ id }, index) => ({
    id: `workflow:${id}`,
    pointer: `/workflows/${index}`,
  })),
  ...(manifest.extensions ?? []).map(({ id }, index) => ({
    id: `extension:${id}`,
    pointer: `/extensions/${index}`,
  })),
];

async function apisOfBases(run: CheckRun): Promise<readonly string[]> {
  const manifests = await Promise.all(run.inputs.bases.map((base) => base.manifest()));
  return manifests.flatMap(({ manifest }) => (manifest?.api?.provides ?? []).map(({ id }) => `api:${id}`));
}

async function checkTarget(
  run: CheckRun,
  fallback: Fallback,
  pointer: string,
  known: ReadonlySet<string>,
): Promise<void> {
  const [owner = ''] = fallback.for.split('/');
  const say = (message: string, remedy: string, fix: Fix | null = null): Promise<void> =>
    run.blocks('FD402', {
      pointer,
      subject: `${fallback.for} ${fallback.on.join()}`,
      message,
      why: 'A fallback that can’t be reached is none.',
      remedy,
      fix,
    });
  if (!known.has(owner))
    await say(
      `The fallback is for ${fallback.for}, which is not declared here.`,
      'Correct `for`, or take the entry out.',
    );
  if (fallback.do === undefined && fallback.serve === undefined)
    await say(
      `The fallback for ${fallback.for} does nothing.`,
      'Say `do` or `serve`.',
      manifestFix(run, { op: 'add', path: `${pointer}/do`, value: 'park' }),
    );
  if (fallback.serve === undefined) return;
  if (fallback.serve === owner) await say(`${fallback.for} falls back to itself.`, 'Serve something else.');
  else if (!known.has(fallback.serve))
    await say(
      `${fallback.for} falls back to ${fallback.serve}, which neither this release nor a live one provides.`,
      'Serve an API that is provided.',
    );
  if (fallback.until !== undefined && fallback.until < run.context.asOf.slice(0, 10))
    await say(
      `The fallback of ${fallback.for} ended on ${fallback.until}.`,
      'Move `until` into the future, or serve something else.',
    );
}

/** a serves b and b serves a: neither is served when both fail. */
async function checkCircle(run: CheckRun, fallbacks: readonly Fallback[]): Promise<void> {
  const next = new Map(
    fallbacks.flatMap(({ for: what, serve }) => (serve === undefined ? [] : [[what, serve] as const])),
  );
  for (const [index, { for: start }] of fallbacks.entries()) {
    const seen = new Set([start]);
    let at = next.get(start);
    while (at !== undefined && !seen.has(at)) {
      seen.add(at);
      at = next.get(at);
    }
    if (at !== start || seen.size === 1) continue;
    await run.blocks('FD402', {
      pointer: `/fallback/${index}`,
      subject: `${start} circle`,
      message: `${[...seen, start].join(' → ')}: the fallbacks lead in a circle.`,
      why: 'A fallback that can’t be reached is none.',
      remedy: 'Let one of them end in something that does not depend on the others.',
    });
  }
}

async function checkRollback(run: CheckRun): Promise<void> {
  const { rollback } = run.manifest;
  const releases = run.inputs.bases.map(({ submission }) => submission.release);
  if (rollback !== undefined && !releases.includes(rollback.to))
    await run.blocks('FD404', {
      pointer: '/rollback/to',
      subject: rollback.to,
      message: `The release would be rolled back to ${rollback.to}, which is not live${releases.length === 0 ? ': this is the first release' : ` (live: ${releases.join(', ')})`}.`,
      why: 'A failing gate rolls back by itself, within minutes, to what is named here.',
      remedy:
        releases.length === 0
          ? 'Take `rollback` out: a first release falls back to what `fallback` says.'
          : `Name a live version.`,
      fix: manifestFix(
        run,
        releases[0] === undefined
          ? { op: 'remove', path: '/rollback' }
          : { op: 'replace', path: '/rollback/to', value: releases[0] },
      ),
    });
  if (rollback?.dataMigration === 'irreversible')
    await run.blocks('FD404', {
      pointer: '/rollback/dataMigration',
      subject: 'irreversible',
      message: 'The data migration can’t be undone, so the release can’t be rolled back.',
      why: 'A failing gate rolls back by itself.',
      remedy: 'Make the migration reversible: expand first, contract in a later release.',
    });
}
