import { validationHttp } from '@kwanus/contracts';
import { segment } from '@kwanus/platform-client';
import { moment } from '../arguments.js';
import { collect } from '../collect.js';
import { CommandFailed, EXIT } from '../exit.js';
import { table } from '../output/table.js';
import type { AddCommand } from '../program.js';

/** `kwanus matrix [ID]` and `kwanus can-rollout ID VERSION` */
export const addMatrix: AddCommand = (program, context) => {
  addListing(program, context);
  addCanRollout(program, context);
};

const addListing: AddCommand = (program, context) => {
  program
    .command('matrix')
    .description('the compatibility matrix: releases against platform versions')
    .argument('[id]')
    .option('--at <moment>', 'as it was at that time (RFC 3339, or a day)', moment)
    .option('--json', 'one JSON document')
    .addHelpText('after', '\nExample: kwanus matrix acme.orders')
    .action(async (id: string | undefined, { at, json = false }: { at?: string; json?: boolean }) => {
      const query = { integration: id, at };
      const items = await collect(
        context.client().calls.all('/v1/compatibility', validationHttp.MatrixPage, { query }),
      );
      const rows = items.flatMap(({ integrationId, rows: releases }) =>
        releases.flatMap(({ release, cells }) =>
          cells.map((cell) => [
            integrationId,
            release,
            cell.platformVersion,
            cell.environment,
            cell.state,
            cell.reason,
          ]),
        ),
      );
      context.print(
        json,
        items,
        () =>
          table(['integration', 'release', 'platform', 'environment', 'state', 'reason'], rows) ||
          'The matrix is empty.\n',
      );
    });
};

interface RolloutQuestion {
  readonly platform?: string;
  readonly environment?: string;
  readonly at?: string;
  readonly json?: boolean;
}

const addCanRollout: AddCommand = (program, context) => {
  program
    .command('can-rollout')
    .description('whether a release may go out beside the platform versions in service; exit 1 when not')
    .argument('<id>')
    .argument('<version>')
    .option('--platform <version>', 'beside this version only')
    .option('--environment <name>', 'left out: the one that the platform serves')
    .option('--at <moment>', 'as it was at that time (RFC 3339, or a day)', moment)
    .option('--json', 'one JSON document')
    .addHelpText('after', '\nExample: kwanus can-rollout acme.orders 1.3.0')
    .action(async (id: string, release: string, { json = false, ...query }: RolloutQuestion) => {
      const view = await context
        .client()
        .calls.get(
          `/v1/compatibility/${segment(id)}/${segment(release)}/can-rollout`,
          validationHttp.CanRollOut,
          { query: { ...query } },
        );
      const rows = view.answers.map((one) => [one.platformVersion, one.allowed ? 'yes' : 'no', one.reason]);
      context.print(json, view, () => table(['platform', 'allowed', 'reason'], rows));
      if (!view.allowed) throw new CommandFailed(EXIT.refused, `${id} ${release} may not be rolled out.`);
    });
};
