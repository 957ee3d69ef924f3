import { addressOf } from '../context.js';
import { CommandFailed, EXIT, type ExitCode } from '../exit.js';
import { PlatformNotStarted, startPlatformProcess } from '../host/platform-process.js';
import type { AddCommand } from '../program.js';

const CODES: readonly number[] = Object.values(EXIT);

/** @returns the failure that a platform which did not start comes to */
export const notStarted = ({ code, message }: PlatformNotStarted): CommandFailed =>
  new CommandFailed(code !== null && CODES.includes(code) ? (code as ExitCode) : EXIT.fault, message);

/** `kwanus up`: the whole platform, until Ctrl-C. */
export const addUp: AddCommand = (program, { io, dataDir }) => {
  program
    .command('up')
    .description('start the whole platform in one process; data is kept in the data folder')
    .option('--kafka', 'as four processes over Apache Kafka (KAFKA_BROKERS, or one that is started)')
    .addHelpText('after', '\nExample: kwanus up\nSettings: docs/reference/configuration.md')
    .action(async ({ kafka = false }: { kafka?: boolean }) => {
      const shape = kafka ? 'distributed' : 'platform';
      const platform = startPlatformProcess({ shape, environment: {}, onLog: null });
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => platform.signal(name));
      const address = await platform.ready.catch((error: unknown) => {
        throw error instanceof PlatformNotStarted ? notStarted(error) : error;
      });
      io.err(
        [
          `\n  KWANUS answers on ${address}; data in ${dataDir}`,
          '  Next, in another terminal:',
          ...(address === addressOf({ url: undefined }) ? [] : [`    export KWANUS_URL=${address}`]),
          '    npm run kwanus -- login --as anna',
          '    npm run kwanus -- submit examples/minimal-submission',
          '    npm run kwanus -- status acme.parcels',
          '  Ctrl-C stops it.\n\n',
        ].join('\n'),
      );
      const { code } = await platform.ended;
      if (code !== 0) throw new CommandFailed(EXIT.fault, `The platform ended with ${code ?? 'a signal'}.`);
    });
};
