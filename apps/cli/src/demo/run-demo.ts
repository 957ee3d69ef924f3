import { join } from 'node:path';
import { DatabaseUnusable, discardEmbeddedDatabase, freePort } from '@kwanus/database';
import { CommandFailed, EXIT } from '../exit.js';
import type { Io } from '../io.js';
import { firstRelease, secondRelease, thirdRelease } from './acts.js';
import { epilogue } from './epilogue.js';
import { Host } from './host.js';
import { Interruption } from './interruption.js';
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
 * @throws CommandFailed when the platform does not start, a release gets stuck, or somebody interrupts it
 */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { io, dataDir, identitiesFile } = options;
  const narrator = new Narrator(io);
  await emptied(dataDir);
  const port = options.port === 0 ? await freePort() : options.port;
  const host = new Host(
    { shape: options.kafka ? 'distributed' : 'platform', dataDir, identitiesFile, port },
    narrator,
  );
  const interruption = new Interruption(process);
  const calls = new AbortController();
  try {
    const address = await Promise.race([interruption.cut, host.start()]);
    const company = new Company(dataDir, address, identitiesFile, { signal: calls.signal });
    const stage = new Stage({ company, narrator, folder: join(dataDir, 'submissions') });
    try {
      await Promise.race([interruption.cut, host.failure, play(stage, options, address)]);
      if (options.exit) return;
      interruption.toldToItsEnd();
      narrator.text(`\n  The platform stays up on ${address}. Ctrl-C stops it.\n`);
      await Promise.race([interruption.end, host.failure]);
    } finally {
      // Whoever still waits for an answer would keep the process from its end.
      calls.abort();
      await stage.stopTraffic();
    }
  } finally {
    narrator.fallSilent();
    await host.stop();
  }
}

async function play(stage: Stage, { io, dataDir, exit }: DemoOptions, address: string): Promise<void> {
  await stage.introduce(address, dataDir);
  await firstRelease(stage);
  await secondRelease(stage);
  await thirdRelease(stage);
  await stage.stopTraffic();
  await epilogue(stage, io, { dataDir, address: exit ? null : address });
}

async function emptied(dataDir: string): Promise<void> {
  try {
    await discardEmbeddedDatabase(join(dataDir, 'distributed', 'database'));
    await discardEmbeddedDatabase(dataDir);
  } catch (error) {
    throw error instanceof DatabaseUnusable ? new CommandFailed(EXIT.usage, error.message) : error;
  }
}
