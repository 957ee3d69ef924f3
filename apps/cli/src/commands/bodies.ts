import { collect } from '../collect.js';
import { table } from '../output/table.js';
import type { AddCommand } from '../program.js';

/** `kwanus bodies`, `kwanus queue BODY`, `kwanus seat …`: who decides, and what waits for them. */
export const addBodies: AddCommand = (program, context) => {
  addListing(program, context);
  addQueue(program, context);
  addSeat(program, context);
};

const addListing: AddCommand = (program, context) => {
  program
    .command('bodies')
    .description('the governance bodies with their seats')
    .option('--json', 'one JSON document')
    .addHelpText('after', '\nExample: kwanus bodies')
    .action(async ({ json = false }: { json?: boolean }) => {
      const items = await collect(context.client().bodies.list());
      const rows = items.map((one) => [
        one.id,
        one.field,
        one.quorum,
        one.seats.map(({ name }) => name).join(', '),
      ]);
      context.print(json, items, () => table(['body', 'field', 'quorum', 'seats'], rows));
    });
};

const addQueue: AddCommand = (program, context) => {
  program
    .command('queue')
    .description('what waits for a body, the earliest due date first')
    .argument('<body>')
    .option('--json', 'one JSON document')
    .addHelpText('after', '\nExample: kwanus queue SCO')
    .action(async (body: string, { json = false }: { json?: boolean }) => {
      const items = await collect(context.client().bodies.queue(body));
      const rows = items.map((one) => [
        one.integrationId,
        one.release,
        one.title,
        one.dueAt,
        one.overdue ? 'overdue' : '',
      ]);
      context.print(
        json,
        items,
        () => table(['integration', 'release', 'what', 'due', ''], rows) || `Nothing waits for ${body}.\n`,
      );
    });
};

const addSeat: AddCommand = (program, context) => {
  program
    .command('seat')
    .description('propose, as an admin, that somebody takes or leaves a seat; a second admin confirms')
    .argument('<body>')
    .argument('<actor>', 'actor id, as `kwanus bodies --json` shows it, or the proposal with --confirm')
    .option('--leave', 'the seat is to be left')
    .option('--confirm', 'confirm the proposal of another admin')
    .requiredOption('--reason <text>')
    .addHelpText(
      'after',
      '\nExample: kwanus seat TSC person:0123456789abcdef0123456789abcdef --reason "Joins the committee."',
    )
    .action(
      async (
        body: string,
        actor: string,
        options: { leave?: boolean; confirm?: boolean; reason: string },
      ) => {
        const { bodies } = context.client();
        const { reason } = options;
        const committed = options.confirm
          ? await bodies.confirmSeat(body, actor, { reason })
          : await bodies.proposeSeat(body, { actor, change: options.leave ? 'unseat' : 'seat', reason });
        context.io.out(`${options.confirm ? 'Confirmed' : 'Proposed'}: ${committed.proposal}.\n`);
      },
    );
};
