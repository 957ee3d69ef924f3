import { join } from 'node:path';
import { DatabaseUnusable, discardEmbeddedDatabase, freePort } from '@kwanus/database';
import { CommandFailed, EXIT } from '../exit.js';
import type { Io } from '../io.js';
import { firstRelease, secondRelease, thirdRelease } from './acts.js';
import { epilogue } from './epilogue.js';
import { Host } from './host.js';
import { Narrator } from './narrator.js';
import { Company } from './people.js';
import { Stage } from './stage.js';

/** How the demo is run. */
export interface DemoOptions {
  readonly io: Io;
  readonly dataDir: string;
  readonly identitiesFile: string;
  readonly port: number;
  /** Four processes over Apache Kafka instead of one over PostgreSQL. */
  readonly kafka: boolean;
  /** Leave when it is told; otherwise the platform stays up until Ctrl-C. */
  readonly exit: boolean;
}

/**
 * Starts the whole platform on a data folder of its own and takes a real integration through three releases.
 * A platform that dies in between is started again, on the same data, and the demo goes on.
 * @throws CommandFailed when the platform does not start, a release gets stuck, or somebody ends it before it is told
 */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { io, dataDir } = options;
  const narrator = new Narrator(io);
  await emptied(dataDir);
  const port = options.port === 0 ? await freePort() : options.port;
  const host = new Host(
    {
      shape: options.kafka ? 'distributed' : 'platform',
      dataDir,
      identitiesFile: options.identitiesFile,
      port,
    },
    narrator,
  );
  const address = await host.start();
  const company = new Company(dataDir, address, options.identitiesFile);
  const stage = new Stage({ company, narrator, folder: join(dataDir, 'submissions') });
  try {
    const signal = await Promise.race([host.interruption, host.failure, play(stage, options, address)]);
    if (signal !== null) throw unfinished(signal);
    if (options.exit) return;
    narrator.text(`\n  The platform stays up on ${address}. Ctrl-C stops it.\n`);
    await Promise.race([host.interruption, host.failure]);
  } finally {
    narrator.rest();
    await stage.stopTraffic();
    await host.stop();
  }
}

const unfinished = (signal: 'SIGINT' | 'SIGTERM'): CommandFailed =>
  new CommandFailed(
    signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated,
    'The demo was ended before it was told. Its platform is stopped; the next one begins anew.',
  );

async function play(stage: Stage, { io, dataDir, exit }: DemoOptions, address: string): Promise<null> {
  await stage.introduce(address, dataDir);
  await firstRelease(stage);
  await secondRelease(stage);
  await thirdRelease(stage);
  await stage.stopTraffic();
  await epilogue(stage, io, { dataDir, address: exit ? null : address });
  return null;
}

async function emptied(dataDir: string): Promise<void> {
  try {
    await discardEmbeddedDatabase(join(dataDir, 'distributed', 'database'));
    await discardEmbeddedDatabase(dataDir);
  } catch (error) {
    throw error instanceof DatabaseUnusable ? new CommandFailed(EXIT.usage, error.message) : error;
  }
}
