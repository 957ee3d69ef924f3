import { join } from 'node:path';
import { DatabaseUnusable, discardEmbeddedDatabase, freePort } from '@kwanus/database';
import { notStarted } from '../commands/up.js';
import { CommandFailed, EXIT } from '../exit.js';
import { PlatformNotStarted, type PlatformProcess, startPlatformProcess } from '../host/platform-process.js';
import type { Io } from '../io.js';
import { firstRelease, secondRelease, thirdRelease } from './acts.js';
import { epilogue } from './epilogue.js';
import { Narrator } from './narrator.js';
import { Company } from './people.js';
import { Stage } from './stage.js';

/** How the demo is run. */
export interface DemoOptions {
  readonly io: Io;
  readonly dataDir: string;
  readonly identitiesFile: string;
  readonly port: number;
  /** Leave when it is told; otherwise the platform stays up until Ctrl-C. */
  readonly exit: boolean;
}

export const DEMO_PLAYBOOK = '1.0-demo';

/**
 * Starts the whole platform on a data folder of its own and takes a real integration through three releases.
 * A platform that dies in between is started again, on the same data, and the demo goes on.
 * @throws CommandFailed when the platform does not start, or a release gets stuck
 */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { io, dataDir } = options;
  const narrator = new Narrator(io);
  await emptied(dataDir);
  const port = options.port === 0 ? await freePort() : options.port;
  const host = new Host({ ...options, port }, narrator);
  const address = await host.start();
  const company = new Company(dataDir, address, options.identitiesFile);
  const stage = new Stage({ company, narrator, folder: join(dataDir, 'submissions') });
  try {
    await Promise.race([host.interruption, play(stage, options, address)]);
  } finally {
    narrator.rest();
    await stage.stopTraffic();
    await host.stop();
  }
}

async function play(stage: Stage, { io, dataDir, exit }: DemoOptions, address: string): Promise<void> {
  await stage.introduce(address, dataDir);
  await firstRelease(stage);
  await secondRelease(stage);
  await thirdRelease(stage);
  await stage.stopTraffic();
  await epilogue(stage, io);
  if (exit) return;
  stage.narrator.text(`\n  The platform stays up on ${address}. Ctrl-C stops it.\n`);
  await new Promise(() => undefined);
}

async function emptied(dataDir: string): Promise<void> {
  try {
    await discardEmbeddedDatabase(dataDir);
  } catch (error) {
    throw error instanceof DatabaseUnusable ? new CommandFailed(EXIT.usage, error.message) : error;
  }
}

/** Keeps the platform's process alive as long as the demo runs. */
class Host {
  private current: PlatformProcess | null = null;
  private stopping = false;
  /** Resolves at the first SIGINT or SIGTERM. */
  readonly interruption: Promise<void> = new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve());
  });

  constructor(
    private readonly options: DemoOptions,
    private readonly narrator: Narrator,
  ) {}

  async start(): Promise<string> {
    const platform = startPlatformProcess({
      environment: {
        KWANUS_DATA_DIR: this.options.dataDir,
        KWANUS_PLAYBOOK: DEMO_PLAYBOOK,
        KWANUS_PORT: String(this.options.port),
        KWANUS_IDENTITIES: this.options.identitiesFile,
        KWANUS_LOG_LEVEL: 'warn',
      },
      onLog: () => undefined,
    });
    this.current = platform;
    const address = await platform.ready.catch((error: unknown) => {
      throw error instanceof PlatformNotStarted ? notStarted(error) : error;
    });
    void platform.ended.then(({ code }) => this.again(code));
    return address;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.current?.stop();
  }

  private again(code: number | null): void {
    if (this.stopping) return;
    this.narrator.did(
      'host',
      `the platform ended (${code ?? 'killed'}); it is started again on the same data`,
    );
    this.start().catch((error: unknown) => this.narrator.did('host', `it did not start: ${String(error)}`));
  }
}
