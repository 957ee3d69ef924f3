import { setTimeout as pause } from 'node:timers/promises';
import { notStarted } from '../commands/up.js';
import {
  PlatformNotStarted,
  type PlatformProcess,
  type PlatformShape,
  startPlatformProcess,
} from '../host/platform-process.js';
import type { Narrator } from './narrator.js';

export const DEMO_PLAYBOOK = '1.0-demo';

/** For so long starts may fail: the host may be killed in the middle of one, and its database may be away and come back. */
const GIVE_UP_AFTER_MS = 60_000;
const PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 4_000;

/** Where the demo's platform lives. */
export interface HostOptions {
  readonly shape: PlatformShape;
  readonly dataDir: string;
  readonly identitiesFile: string;
  readonly port: number;
}

/** Keeps the platform's process alive as long as the demo runs. */
export class Host {
  private current: PlatformProcess | null = null;
  private stopping = false;
  private fail: (error: unknown) => void = () => undefined;
  /** Rejects when the platform can't be brought back. */
  readonly failure: Promise<never> = new Promise((_, reject) => {
    this.fail = reject;
  });

  constructor(
    private readonly options: HostOptions,
    private readonly narrator: Narrator,
  ) {
    this.failure.catch(() => undefined);
  }

  /** @returns the platform's address. @throws CommandFailed when it does not start */
  async start(): Promise<string> {
    const platform = startPlatformProcess({
      shape: this.options.shape,
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

  private async again(code: number | null): Promise<void> {
    const until = performance.now() + GIVE_UP_AFTER_MS;
    for (let ms = PAUSE_MS; !this.stopping; ms = Math.min(2 * ms, LONGEST_PAUSE_MS)) {
      this.narrator.did(
        'host',
        `the platform ended (${code ?? 'killed'}); it is started again on the same data`,
      );
      try {
        await this.start();
        return;
      } catch (error) {
        if (performance.now() >= until) return this.fail(error);
        await pause(ms);
      }
    }
  }
}
