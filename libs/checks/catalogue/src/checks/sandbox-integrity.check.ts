import type { ExtensionRun, SandboxWall } from '@kwanus/checks-kit';
import type { CheckRun } from '../run/check-run.js';
import type { ProbedExtension } from '../run/probes.js';
import { Conduct } from './extension-conduct.js';

const WHY = 'Code of a partner runs among the platform’s users: nobody lets in what can’t be looked at.';
const NOT_SEEN =
  'Code that waits for a day, an input or a machine that the sandbox does not have is not seen; once it is in use, monitoring sees it.';

/** SB801 unreadable, SB802 leads out of what can be looked at, SB803 no entry, SB804 to SB814 what it did: see extension-conduct. */
export async function checkSandboxIntegrity(run: CheckRun): Promise<string> {
  const { extensions } = run.declared;
  if (extensions.length === 0) return 'No extension is declared, so there is nothing to run.';
  const probes = await run.inputs.probes();
  for (const probed of probes) await judge(run, probed);
  const walls = (await run.context.sandbox?.walls()) ?? [];
  run.facts['walls'] = walls.map((wall) => ({ ...wall }));
  return `${extensions.length} extensions were run and reached only what they declare${said(walls)}. ${NOT_SEEN}`;
}

const said = (walls: readonly SandboxWall[]): string =>
  walls.map(({ name, notRun }) => `; ${name}: ${notRun === null ? 'run' : `not run, ${notRun}`}`).join('');

async function judge(run: CheckRun, probed: ProbedExtension): Promise<void> {
  const { code, probe, path, extension } = probed;
  if (code === null) return unreadable(run, probed, { message: 'is not there', line: null });
  if (probe === null) return run.inconclusive('No sandbox is at hand, so the extensions were not run.');
  if (probe.open !== null) run.inconclusive(`${path} (${extension.id}) was not seen whole: ${probe.open}.`);
  if (probe.scan !== null && probe.scan.refused !== null) return unreadable(run, probed, probe.scan.refused);
  await judgeUses(run, probed);
  if (probe.run === null) return;
  await judgeEntry(run, probed, probe.run);
  await judgeLimit(run, probed, probe.run);
  await new Conduct(run, probed, probe.run).judge();
}

const unreadable = (
  run: CheckRun,
  { path, extension, index }: ProbedExtension,
  { message, line }: { readonly message: string; readonly line: number | null },
): Promise<void> =>
  run.blocks('SB801', {
    ...(message === 'is not there' ? { pointer: `/extensions/${index}/entry` } : { file: path, line }),
    subject: extension.id,
    message: `${path} ${message}.`,
    why: WHY,
    remedy:
      'Hand in one ECMAScript module in one file of UTF-8 text, of at most 2 MiB, as bundlers write it.',
  });

/** SB802: what the parser sees, also in code that nothing has called. */
async function judgeUses(run: CheckRun, { path, extension, probe }: ProbedExtension): Promise<void> {
  for (const { what, line, module } of probe?.scan?.uses ?? [])
    await run.blocks('SB802', {
      file: path,
      line,
      subject: `${extension.id} ${what}`,
      message: `Here stands ${what}.`,
      why: 'It makes or loads code, or leads out of the page, so that what is judged is not all that will run.',
      remedy:
        module === null
          ? 'Write out what is to be done; where a library does it, choose its build for browsers under a content security policy.'
          : `Bundle ${module} into the file, or take it out where it is for servers.`,
    });
}

const INTERFACE = {
  ui: 'export function mount(root, kwanus)',
  export: 'export function exportData(request, kwanus)',
  processor: 'export function process(event, kwanus)',
} as const;

/** SB803: nothing was called, so nothing was seen. */
async function judgeEntry(
  run: CheckRun,
  { path, extension }: ProbedExtension,
  { entryMissing }: ExtensionRun,
): Promise<void> {
  if (entryMissing !== null)
    await run.blocks('SB803', {
      file: path,
      line: null,
      subject: extension.id,
      message: `${extension.id} could not be run: ${entryMissing}.`,
      why: 'What can’t be run can’t be judged by what it does.',
      remedy: `An extension of the kind ${extension.kind} has the entry \`${INTERFACE[extension.kind]}\`: see docs/reference/extensions.md.`,
    });
}

const LIMITS = {
  steps: [
    'SB808',
    'did not come to an end: it takes more steps than an extension may',
    'End loops, and let the browser wait (timers, events) instead of the code.',
  ],
  memory: ['SB809', 'asked for more memory than an extension may have: 64 MiB', 'Keep less at a time.'],
  attempts: [
    'SB810',
    'tries more than can be listed',
    'Ask for many things in one call, and stop when nobody listens any more.',
  ],
} as const;

/** SB808 steps, SB809 memory, SB810 attempts: all bounded, and counted so that every machine ends at the same place. */
async function judgeLimit(
  run: CheckRun,
  { path, extension }: ProbedExtension,
  { exhausted }: ExtensionRun,
): Promise<void> {
  if (exhausted === null) return;
  const [ruleId, message, remedy] = LIMITS[exhausted];
  await run.blocks(ruleId, {
    file: path,
    line: null,
    subject: extension.id,
    message: `${extension.id} ${message}.`,
    why: 'It would hold up whoever looks at it, and what comes after was not seen.',
    remedy,
  });
}
