import { rolloutHttp } from '@kwanus/contracts';
import { segment } from '@kwanus/platform-client';
import { moment } from '../arguments.js';
import { collect } from '../collect.js';
import { rolloutText } from '../output/rollout.js';
import { table } from '../output/table.js';
import type { AddCommand } from '../program.js';

/** `kwanus rollout [ID]`: which rollouts there are, and where one stands with the numbers that decided. */
export const addRollout: AddCommand = (program, context) => {
  program
    .command('rollout')
    .description('rollouts, or one with its steps and the numbers behind each outcome')
    .argument('[rolloutId]')
    .option('--integration <id>')
    .option('--at <moment>', 'as it was at that time (RFC 3339, or a day), with a rollout id', moment)
    .option('--json', 'one JSON document')
    .addHelpText('after', '\nExample: kwanus rollout --integration acme.orders')
    .action(
      async (
        rolloutId: string | undefined,
        options: { integration?: string; at?: string; json?: boolean },
      ) => {
        const { calls } = context.client();
        const json = options.json ?? false;
        if (rolloutId !== undefined) {
          const query = { at: options.at };
          const view = await calls.get(`/v1/rollouts/${segment(rolloutId)}`, rolloutHttp.AnyRolloutView, {
            query,
          });
          context.print(json, view, () => rolloutText(view));
          return;
        }
        const items = await collect(
          calls.all('/v1/rollouts', rolloutHttp.RolloutPage, { query: { integration: options.integration } }),
        );
        const rows = items.map((one) => [
          one.rolloutId,
          one.integrationId,
          one.release,
          one.status,
          'percent' in one ? `${one.percent} %` : '–',
        ]);
        context.print(
          json,
          items,
          () => table(['rollout', 'integration', 'release', 'state', 'exposed'], rows) || 'No rollouts.\n',
        );
      },
    );
};
