import { resolve } from 'node:path';
import { runDemo } from '../demo/run-demo.js';
import type { AddCommand } from '../program.js';

interface DemoFlags {
  readonly exit?: boolean;
  readonly kafka?: boolean;
  readonly port: number;
  readonly dataDir?: string;
}

/** `kwanus demo`: a real integration, from proposal to sign-off, while one watches. */
export const addDemo: AddCommand = (program, { io, config, dataDir }) => {
  program
    .command('demo')
    .description(
      'take a real integration through the seven steps, three releases long, on a platform of its own',
    )
    .option('--exit', 'leave when it is told, also on a terminal')
    .option('--kafka', 'on four processes over Apache Kafka (KAFKA_BROKERS, or one that is started)')
    .option('--port <port>', 'port of the platform; 0 takes a free one', Number, 0)
    .option('--data-dir <folder>', 'default: `demo` in the data folder; emptied first')
    .addHelpText('after', '\nExample: kwanus demo --exit')
    .action(async ({ exit = false, kafka = false, port, dataDir: chosen }: DemoFlags) => {
      await runDemo({
        io,
        dataDir: resolve(chosen ?? `${dataDir}/demo`),
        identitiesFile: resolve(config.identitiesFile),
        port,
        kafka,
        exit: exit || !io.interactive,
      });
    });
};
