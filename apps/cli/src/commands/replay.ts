import { readFileSync } from 'node:fs';
import { intakeHttp } from '@kwanus/contracts';
import {
  asEvent,
  describe,
  foldFrom,
  gatesOf,
  type Integration,
  releaseOf,
  UnknownEvent,
} from '@kwanus/domain-integration';
import { loadPlaybook } from '@kwanus/playbook';
import type { z } from 'zod';
import { moment, wholeNumber } from '../arguments.js';
import { collect } from '../collect.js';
import type { Context } from '../context.js';
import { CommandFailed, usage } from '../exit.js';
import { differences } from '../output/differences.js';
import { furtherReason, printable } from '../output/table.js';
import type { AddCommand } from '../program.js';

type AuditEvent = z.infer<typeof intakeHttp.AuditEventView>;
interface ReplayOptions {
  readonly at?: string;
  readonly version?: number;
  readonly diff?: readonly [string, string];
  readonly step?: boolean;
  readonly json?: boolean;
}

/** Reads a trail: from a file of JSON lines, or from the platform. */
async function trailOf(source: string, context: Context): Promise<AuditEvent[]> {
  if (!source.endsWith('.jsonl')) {
    const events: AuditEvent[] = await collect(context.client().integrations.events(source));
    return events.map((event) => known(event, `${source}, event ${event.number}`));
  }
  let text: string;
  try {
    text = readFileSync(source, 'utf8');
  } catch {
    throw usage(`${source} can't be read.`);
  }
  const events = text
    .split('\n')
    .flatMap((line, index) => (line.trim() === '' ? [] : [eventOf(line, `${source}:${index + 1}`)]));
  const gap = events.findIndex(({ number }, index) => number !== index + 1);
  if (gap >= 0)
    throw usage(
      `${source}: event ${gap + 1} is missing; a trail is told from its first event, without a gap.`,
    );
  return events;
}

/** A file may hold what no log of ours would: data that the rules fail on is the file's fault, and its place is named. */
function ofFile<T>(source: string, events: readonly AuditEvent[], work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    const at = events.findIndex((_, index) => !canBeRead(events.slice(0, index + 1)));
    throw usage(
      `${source}: the data of event ${events[at]?.number ?? events.length} is not what a ${events[at]?.type ?? 'trail'} holds.`,
    );
  }
}

function canBeRead(events: readonly AuditEvent[]): boolean {
  try {
    summary(events);
    return events.every((event) => line(event) !== '');
  } catch {
    return false;
  }
}

function eventOf(line: string, where: string): AuditEvent {
  try {
    const parsed = intakeHttp.AuditEventView.safeParse(JSON.parse(line));
    if (parsed.success) return known(parsed.data, where);
    const [issue] = parsed.error.issues;
    throw usage(`${where}: ${issue?.path.join('.')}: ${issue?.message}`);
  } catch (error) {
    if (error instanceof SyntaxError) throw usage(`${where} is not JSON.`);
    throw error;
  }
}

/** @throws CommandFailed for what these rules are too old, or not made, to read */
function known(event: AuditEvent, where: string): AuditEvent {
  try {
    asEvent(event);
    return event;
  } catch (error) {
    if (error instanceof UnknownEvent) throw usage(`${where}: ${error.message} A newer kwanus may know it.`);
    throw error;
  }
}

const stateOf = (events: readonly AuditEvent[]): Integration => foldFrom(events);

function until(events: readonly AuditEvent[], bound: string): AuditEvent[] {
  if (/^\d+$/.test(bound) && Number(bound) > events.length)
    throw usage(`There is no version ${bound} yet: the trail ends at ${events.length}.`);
  if (/^\d+$/.test(bound)) return events.filter(({ number }) => number <= Number(bound));
  if (Number.isNaN(Date.parse(bound))) throw usage(`${bound} is neither a version nor a time (RFC 3339).`);
  return events.filter(({ recordedAt }) => Date.parse(recordedAt) <= Date.parse(bound));
}

function summary(events: readonly AuditEvent[]): string {
  const last = events.at(-1);
  if (last === undefined) return 'Nothing had happened yet.\n';
  const state = stateOf(events);
  const head = `${state.integrationId} at version ${last.number} (${last.recordedAt}): ${state.status}, live ${state.live ?? 'none'}`;
  return `${[head, ...Object.keys(state.releases).flatMap((release) => releaseLines(state, release, last.recordedAt))].join('\n')}\n`;
}

function releaseLines(state: Integration, version: string, asOf: string): string[] {
  const release = releaseOf(state, version);
  const gates = gatesOf(state, version, { playbook: loadPlaybook(state.playbook), asOf });
  const missing = gates.find(({ step }) => step === release.step)?.missing ?? [];
  return [
    `  ${version}: step ${release.step}, ${release.status}`,
    ...missing.map(({ what, who }) => `      missing: ${printable(what)} — ${who}`),
  ];
}

function line(event: AuditEvent): string {
  const sentence = describe(asEvent(event));
  const reason = furtherReason(sentence, event.reason);
  const further = reason === null ? '' : `  — ${printable(reason)}`;
  return `#${String(event.number).padStart(3)}  ${event.recordedAt}  ${event.actor.name.padEnd(16)} ${printable(sentence)}${further}\n`;
}

/** `kwanus replay ID|FILE.jsonl`: folds the trail with the code that the service runs. */
export const addReplay: AddCommand = (program, context) => {
  program
    .command('replay')
    .description('fold an audit trail, as of any version or time, with the very rules that decided')
    .argument('<source>', 'an integration, or a file of JSON lines as `--json --step` prints it')
    .option('--at <moment>', 'as it was at that time (RFC 3339, or a day)', moment)
    .option('--version <n>', 'as it was at that version', wholeNumber)
    .option('--diff <a...>', 'compare two versions or times: --diff A B')
    .option('--step', 'one line for every event')
    .option('--json', 'one JSON document; JSON lines with --step')
    .addHelpText('after', '\nExample: kwanus replay acme.orders --diff 12 30')
    .action(async (source: string, options: ReplayOptions) => {
      const all = await trailOf(source, context);
      const work = (): void => show(all, options, context);
      if (source.endsWith('.jsonl')) ofFile(source, all, work);
      else work();
    });
};

function show(all: readonly AuditEvent[], options: ReplayOptions, context: Context): void {
  if ([options.at, options.version, options.diff].filter((given) => given !== undefined).length > 1)
    throw usage('Give one of --at, --version and --diff.');
  const bound = options.version === undefined ? options.at : String(options.version);
  if (options.diff !== undefined) return showDifference(all, options, context);
  const events = bound === undefined ? all : until(all, bound);
  if (options.step) {
    for (const event of events) context.io.out(options.json ? `${JSON.stringify(event)}\n` : line(event));
    return;
  }
  context.print(options.json ?? false, stateOf(events), () => summary(events));
}

function showDifference(
  all: readonly AuditEvent[],
  { diff, json = false }: ReplayOptions,
  context: Context,
): void {
  const [from, to, ...rest] = diff ?? [];
  if (from === undefined || to === undefined || rest.length > 0)
    throw usage('Give two versions or times: --diff A B.');
  const changes = differences(stateOf(until(all, from)), stateOf(until(all, to)));
  context.print(
    json,
    changes,
    () =>
      changes
        .map(
          ({ pointer, before, after }) =>
            `${pointer}: ${printable(JSON.stringify(before) ?? '–')} → ${printable(JSON.stringify(after) ?? '–')}\n`,
        )
        .join('') || 'No difference.\n',
  );
}
