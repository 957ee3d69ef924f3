import { developmentKeyFile, loadIdentities, personOf, signDevelopmentToken } from '@kwanus/auth/development';
import { addressOf } from '../context.js';
import { usage } from '../exit.js';
import type { AddCommand } from '../program.js';
import { forgetSession, writeSession } from '../session.js';

/** `kwanus login --as NAME`, `kwanus logout`: who the following commands act as. */
export const addLogin: AddCommand = (program, context) => {
  program
    .command('login')
    .description('act as a person of identities.yaml, with a token signed by the key in the data folder')
    .requiredOption('--as <name>', 'a name of identities.yaml')
    .option('--print', 'print the token, for KWANUS_TOKEN or another program; who is logged in stays so')
    .addHelpText('after', '\nExample: kwanus login --as olivia')
    .action(async ({ as, print = false }: { as: string; print?: boolean }) => {
      const identities = loadIdentities(context.config.identitiesFile);
      const person = personOf(identities, as);
      if (person === undefined)
        throw usage(
          `Nobody is called ${as}. Known are: ${identities.people.map(({ name }) => name).join(', ')}.`,
        );
      const token = await signDevelopmentToken(developmentKeyFile(context.dataDir), person, { identities });
      if (print) {
        context.io.out(`${token}\n`);
        return;
      }
      writeSession(context.dataDir, { server: addressOf(context.config), name: as, token });
      const bound = person.partner === null ? '' : ` of ${person.partner}`;
      context.io.out(
        `Logged in as ${person.displayName} (${person.roles.join(', ')}${bound}) on ${addressOf(context.config)}.\n`,
      );
    });
  program
    .command('logout')
    .description('forget who is logged in')
    .addHelpText('after', '\nExample: kwanus logout')
    .action(() => {
      forgetSession(context.dataDir);
      context.io.out('Logged out.\n');
    });
};
