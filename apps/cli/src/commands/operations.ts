import { operationsHttp } from '@kwanus/contracts';
import { segment } from '@kwanus/platform-client';
import { type Command, Option } from 'commander';
import type { z } from 'zod';
import { wholeNumber } from '../arguments.js';
import type { Context } from '../context.js';
import { CommandFailed, EXIT } from '../exit.js';
import { table } from '../output/table.js';
import type { AddCommand } from '../program.js';

const SERVICES = ['intake', 'validation', 'rollout', 'monitoring'] as const;
/** Read models are fed from logs, and monitoring keeps its telemetry windows in one of their own. */
const LOGS = [...SERVICES, 'monitoring/telemetry'] as const;
const at = (service: string, path: string): string => `/v1/operations/${service}/${path}`;
const service = (of: readonly string[] = SERVICES): Option =>
  new Option('--service <service>', 'default: all of them').choices(of);
const chosen = (
  { service: one }: { service?: string },
  of: readonly string[] = SERVICES,
): readonly string[] => (one === undefined ? of : [one]);
const WAIT_MS = 250;

/** `kwanus projections list|rebuild`, `kwanus parked …`, `kwanus relay …`: for operators. */
export const addOperations: AddCommand = (program, context) => {
  const projections = program.command('projections').description('read models: list them, build them anew');
  addProjections(projections, context);
  const parked = program.command('parked').description('messages that could not be handled');
  addParked(parked, context);
  addDecisions(parked, context);
  addRelay(program, context);
};

function addProjections(projections: Command, context: Context): void {
  projections
    .command('list')
    .addOption(service(LOGS))
    .option('--json', 'one JSON document')
    .action(async (options: { service?: string; json?: boolean }) => {
      const { calls } = context.client();
      const found = await Promise.all(
        chosen(options, LOGS).map(async (one) => ({
          service: one,
          ...(await calls.get(at(one, 'projections'), operationsHttp.ProjectionList)),
        })),
      );
      const rows = found.flatMap(({ service: of, projections: all }) =>
        all.map(({ name, version, generation, state, lagEvents }) => [
          of,
          name,
          version,
          generation,
          state,
          lagEvents,
        ]),
      );
      context.print(options.json ?? false, found, () =>
        table(['service', 'read model', 'version', 'generation', 'state', 'lag'], rows),
      );
    });
  projections
    .command('rebuild')
    .description('build the read models anew from the log; the old ones are served meanwhile')
    .argument('[name]', 'default: all of the service')
    .addOption(service(LOGS))
    .addHelpText('after', '\nExample: kwanus projections rebuild')
    .action(async (name: string | undefined, options: { service?: string }) => {
      for (const one of chosen(options, LOGS)) await rebuild(one, name, context);
    });
}

async function rebuild(of: string, name: string | undefined, context: Context): Promise<void> {
  const { calls } = context.client();
  const body = name === undefined ? {} : { name };
  const { id } = await calls.post(at(of, 'projections/rebuild'), body, operationsHttp.RebuildRequested);
  for (;;) {
    const { rebuilds } = await calls.get(at(of, 'projections'), operationsHttp.ProjectionList);
    const mine = rebuilds.find((one) => one.id === id);
    if (mine?.state === 'failed')
      throw new CommandFailed(EXIT.fault, `${of}: the rebuild failed: ${mine.error ?? 'no reason given'}`);
    if (mine === undefined || mine.state === 'done') break;
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
  context.io.out(`${of}: ${name ?? 'all read models'} rebuilt.\n`);
}

function addParked(parked: Command, context: Context): void {
  parked
    .command('list')
    .addOption(service())
    .option('--json', 'one JSON document')
    .action(async (options: { service?: string; json?: boolean }) => {
      const { calls } = context.client();
      const found = await Promise.all(
        chosen(options).map(async (one) => ({
          service: one,
          ...(await calls.get(at(one, 'parked'), operationsHttp.ParkedList)),
        })),
      );
      const rows = found.flatMap(({ service: of, items }) =>
        items.map((one) => [of, one.consumer, one.key, one.messages, one.since, one.error]),
      );
      context.print(
        options.json ?? false,
        found,
        () =>
          table(['service', 'consumer', 'key', 'messages', 'since', 'why'], rows) || 'Nothing is parked.\n',
      );
    });
  parked
    .command('show')
    .argument('<service>')
    .argument('<consumer>')
    .argument('<key>')
    .action(async (of: string, consumer: string, key: string) => {
      const path = at(of, `parked/${segment(consumer)}/${segment(key)}`);
      const found = await context.client().calls.get(path, operationsHttp.ParkedKeyMessages);
      context.print(true, found, () => '');
    });
}

function addDecisions(parked: Command, context: Context): void {
  parked
    .command('redrive')
    .description('handle the messages of a key again, in order')
    .argument('<service>')
    .argument('<consumer>')
    .argument('<key>')
    .option('--accept-fork', 'believe the first one though it does not follow what came before')
    .action(
      async (of: string, consumer: string, key: string, { acceptFork = false }: { acceptFork?: boolean }) => {
        const path = at(of, `parked/${segment(consumer)}/${segment(key)}/redrive`);
        const { calls } = context.client();
        await inTurns(context, (first) =>
          calls.post(path, { acceptFork: acceptFork && first }, operationsHttp.Redriven),
        );
      },
    );
  parked
    .command('skip')
    .description('leave the first message of a key out for ever; that is an event')
    .argument('<service>')
    .argument('<consumer>')
    .argument('<key>')
    .requiredOption('--reason <text>')
    .action(async (of: string, consumer: string, key: string, { reason }: { reason: string }) => {
      const path = at(of, `parked/${segment(consumer)}/${segment(key)}/skip`);
      const done = await context.client().calls.post(path, { reason }, operationsHttp.ParkedSkipped);
      context.io.out(`Skipped; ${done.remaining} remain.\n`);
    });
  parked
    .command('skip-gap')
    .description('give up missing versions of a stream, and handle what waits for them; that is an event')
    .argument('<service>')
    .argument('<consumer>')
    .argument('<stream>')
    .requiredOption('--through <version>', 'the last version that is given up', wholeNumber)
    .requiredOption('--reason <text>')
    .action(
      async (of: string, consumer: string, stream: string, options: { through: number; reason: string }) => {
        const path = at(of, `parked/${segment(consumer)}/gaps/${segment(stream)}/skip`);
        const body = { throughVersion: options.through, reason: options.reason };
        const { calls } = context.client();
        await inTurns(context, () => calls.post(path, body, operationsHttp.GapSkipped));
      },
    );
}

/** Asks until nothing remains, and says after each turn how far it is. */
async function inTurns(
  { io }: Context,
  turn: (first: boolean) => Promise<z.infer<typeof operationsHttp.Redriven>>,
): Promise<void> {
  let handled = 0;
  // A turn that handled nothing would not do more when it is asked for again.
  for (let first = true, goesOn = true; goesOn; first = false) {
    const done = await turn(first);
    handled += done.handled;
    io.out(`${handled} handled, ${done.remaining} remain.\n`);
    if (done.error !== null) throw new CommandFailed(EXIT.refused, done.error);
    goesOn = done.remaining > 0 && done.handled > 0;
  }
}

function addRelay(program: Command, context: Context): void {
  const relay = program.command('relay').description('how far the logs have been published');
  relay
    .command('status')
    .addOption(service())
    .option('--json', 'one JSON document')
    .action(async (options: { service?: string; json?: boolean }) => {
      const { calls } = context.client();
      const found = await Promise.all(
        chosen(options).map(async (one) => ({
          service: one,
          ...(await calls.get(at(one, 'relay'), operationsHttp.RelayView)),
        })),
      );
      const rows = found.map((one) => [
        one.service,
        one.position?.globalPosition ?? null,
        one.lagEvents,
        one.lagSeconds,
        one.blocked === null ? '–' : `${one.blocked.stream} ${one.blocked.version}: ${one.blocked.reason}`,
      ]);
      context.print(options.json ?? false, found, () =>
        table(['service', 'published to', 'waiting', 'oldest (s)', 'stands before'], rows),
      );
    });
  relay
    .command('republish')
    .description('send a stream again from a version on; consumers ignore what they have seen')
    .argument('<service>')
    .argument('<stream>')
    .requiredOption('--from <version>', 'first version', wholeNumber)
    .action(async (of: string, stream: string, { from }: { from: number }) => {
      const done = await context
        .client()
        .calls.post(at(of, 'relay/republish'), { stream, fromVersion: from }, operationsHttp.Republished);
      context.io.out(`${done.sent} messages of ${done.stream} sent again.\n`);
    });
  relay
    .command('rewind')
    .description('send the whole log again, in order, after a restore; that is an event')
    .argument('<service>')
    .requiredOption('--reason <text>')
    .addHelpText('after', '\nExample: kwanus relay rewind intake --reason "the brokers were restored empty"')
    .action(async (of: string, { reason }: { reason: string }) => {
      const path = at(of, 'relay/rewind');
      const done = await context.client().calls.post(path, { reason }, operationsHttp.RelayRewound);
      context.io.out(`${of}: ${done.lagEvents} events go out again; see kwanus relay status.\n`);
    });
}
