import { CommandFailed, EXIT } from '../exit.js';
import { withoutIntegration } from '../failure.js';
import type { AddCommand } from '../program.js';

/** `kwanus audit verify ID`: recomputes the hash chain of an integration's stream. */
export const addAudit: AddCommand = (program, context) => {
  const audit = program.command('audit').description('prove that nothing was altered');
  audit
    .command('verify')
    .description('recompute the hash chain of an integration, on the server, from the stored bytes')
    .argument('<id>')
    .option('--json', 'one JSON document')
    .addHelpText('after', '\nExample: kwanus audit verify acme.orders')
    .action(async (id: string, { json = false }: { json?: boolean }) => {
      const found = await context.client().verifyChain(id).catch(withoutIntegration(id));
      context.print(json, found, () =>
        found.intact
          ? `${found.stream}: ${found.events} events, the chain holds. Head ${found.head ?? '–'}\n`
          : '',
      );
      if (!found.intact)
        throw new CommandFailed(
          EXIT.refused,
          `${found.stream}: the chain breaks at event ${found.broken?.number ?? '?'}: ${found.broken?.reason ?? 'unknown'}`,
        );
    });
};
