import { moment, wholeNumber } from '../arguments.js';
import { collect } from '../collect.js';
import { gatesText } from '../output/gates.js';
import { table } from '../output/table.js';
import type { AddCommand } from '../program.js';

interface StatusOptions {
  readonly json?: boolean;
  readonly partner?: string;
  readonly step?: number;
  readonly state?: string;
  readonly body?: string;
  readonly at?: string;
}

/** `kwanus status [ID]`: what blocks, and who must act. */
export const addStatus: AddCommand = (program, context) => {
  program
    .command('status')
    .description('all integrations that you may see, or what blocks one and who must act')
    .argument('[id]', 'integration, for example acme.orders')
    .option('--json', 'one JSON document')
    .option('--partner <partner>')
    .option('--step <step>', 'only those with a release in this step', wholeNumber)
    .option('--state <state>')
    .option('--body <body>', 'only those that wait for this body')
    .option('--at <moment>', 'as it was at that time (RFC 3339, or a day), with an id', moment)
    .addHelpText('after', '\nExample: kwanus status acme.orders')
    .action(async (id: string | undefined, { json = false, at, ...filter }: StatusOptions) => {
      const { integrations } = context.client();
      if (id !== undefined) {
        const gates = await integrations.gates(id, at === undefined ? {} : { at });
        context.print(json, gates, () => gatesText(gates));
        return;
      }
      const items = await collect(integrations.list(filter));
      const rows = items.map((one) => [
        one.id,
        one.status,
        one.live,
        one.releases.map(({ release, step, status }) => `${release} step ${step} ${status}`).join('; '),
        one.waitingFor.join(' '),
      ]);
      context.print(
        json,
        items,
        () => table(['integration', 'status', 'live', 'releases', 'waits for'], rows) || 'No integrations.\n',
      );
    });
};
