import { intakeHttp } from '@kwanus/contracts';
import { printable } from '../output/table.js';
import type { AddCommand } from '../program.js';

/** `kwanus watch [ID]`: what happens, as it happens. */
export const addWatch: AddCommand = (program, context) => {
  program
    .command('watch')
    .description('follow what happens, as it happens; ends with Ctrl-C')
    .argument('[id]', 'only this integration')
    .option('--json', 'JSON lines')
    .addHelpText('after', '\nExample: kwanus watch acme.orders')
    .action(async (id: string | undefined, { json = false }: { json?: boolean }) => {
      const client = context.client();
      // Nothing would ever come of one that is not there.
      if (id !== undefined) await client.integrations.get(id);
      for await (const message of client.stream()) {
        const parsed = intakeHttp.StreamEvent.safeParse(message.data);
        if (!parsed.success || (id !== undefined && parsed.data.integrationId !== id)) continue;
        const { recordedAt, integrationId, number, sentence } = parsed.data;
        context.io.out(
          json
            ? `${JSON.stringify(parsed.data)}\n`
            : `${recordedAt}  ${integrationId} #${number}  ${printable(sentence)}\n`,
        );
      }
    });
};
