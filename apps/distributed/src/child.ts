import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

/** How a process of ours is run. */
export interface ChildOptions {
  readonly name: string;
  /** What stands behind `node`. */
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onLine: (line: string) => void;
  /** Told that it ended by itself and is started again. */
  readonly onRestart: (code: number | null) => void;
  /** Told that it can’t be kept running. */
  readonly onGivenUp: (error: unknown) => void;
}

/** A process ended before it answered; `code` is what it ended with, the message what it said. */
export class ChildNotStarted extends Error {
  override readonly name = 'ChildNotStarted';

  constructor(
    readonly child: string,
    readonly code: number | null,
    said: readonly string[],
  ) {
    super(
      said.findLast((line) => line.startsWith('kwanus ')) ??
        `${child} ended: ${said.at(-1) ?? 'it said nothing'}`,
    );
  }
}

const PATIENCE_MS = 20_000;
const PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;
/** For so long it is started again: what it needs may be away, and come back. */
const GIVE_UP_AFTER_MS = 300_000;
const KEPT_LINES = 20;

/** A process that is started again when it ends by itself, and leaves when it is asked to, or when this one is gone. */
export class Child {
  private process: ChildProcess | null = null;
  private ended: Promise<number | null> = Promise.resolve(null);
  private stopping = false;

  constructor(private readonly options: ChildOptions) {}

  /** @returns what it says of itself when it is ready, for example its address. @throws ChildNotStarted */
  async start(): Promise<string> {
    const said: string[] = [];
    const child = spawn(process.execPath, this.options.arguments, {
      env: this.options.environment,
      // A group of its own: Ctrl-C reaches it once, through this process. It leaves when the channel breaks.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.process = child;
    let rest = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${rest}${text}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        said.push(line);
        if (said.length > KEPT_LINES) said.shift();
        this.options.onLine(line);
      }
    });
    this.ended = new Promise((resolve) => child.once('close', (code) => resolve(code)));
    const ready = await new Promise<string>((resolve, reject) => {
      child.once('message', (message) => resolve((message as { ready: string }).ready));
      void this.ended.then((code) => reject(new ChildNotStarted(this.options.name, code, said)));
    });
    void this.ended.then((code) => this.again(code));
    return ready;
  }

  /** Asks it to finish what is in hand and leave; kills it when it takes too long. */
  async stop(): Promise<void> {
    this.stopping = true;
    const child = this.process;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const impatience = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    await this.ended;
    clearTimeout(impatience);
  }

  private async again(code: number | null): Promise<void> {
    const until = Date.now() + GIVE_UP_AFTER_MS;
    for (let failed = 1; !this.stopping; failed += 1) {
      this.options.onRestart(code);
      try {
        await this.start();
        return;
      } catch (error) {
        if (Date.now() > until) return this.options.onGivenUp(error);
        await pause(Math.min(PAUSE_MS * failed, LONGEST_PAUSE_MS));
      }
    }
  }
}
