import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inheritedEnvironment } from '@kwanus/config';

/** One process that holds all four services, or one that runs them as processes over Apache Kafka. */
export type PlatformShape = 'platform' | 'distributed';

/** How to run the platform as a child. */
export interface PlatformProcessOptions {
  /** Default `platform`. */
  readonly shape?: PlatformShape;
  /** Beside, or instead of, this process's environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where its log lines go; null: to this process's stderr. */
  readonly onLog: ((line: string) => void) | null;
}

/** A platform in a process of its own. */
export interface PlatformProcess {
  readonly pid: number;
  /** Resolves with its address when it answers. Rejects with what it said last when it ended first. */
  readonly ready: Promise<string>;
  /** Resolves when it has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly said: readonly string[] }>;
  /** Passes a signal on. */
  readonly signal: (name: 'SIGINT' | 'SIGTERM') => void;
  /** Asks it to finish what is in hand and leave; kills it when it takes too long. */
  readonly stop: () => Promise<void>;
}

/** The platform ended before it answered. */
export class PlatformNotStarted extends Error {
  override readonly name = 'PlatformNotStarted';
  constructor(
    readonly code: number | null,
    readonly said: readonly string[],
  ) {
    super(
      said.findLast((line) => line.startsWith(REFUSAL))?.slice(REFUSAL.length) ??
        ['The platform ended before it answered.', ...said.slice(-LAST_WORDS)].join(' '),
    );
  }
}

const PATIENCE_MS: Readonly<Record<PlatformShape, number>> = { platform: 15_000, distributed: 90_000 };
const KEPT_LINES = 20;
const LAST_WORDS = 3;
/** How a process of ours begins the one line that says why it does not run. */
const REFUSAL = 'kwanus: ';

/** Starts the platform as it was built. */
export function startPlatformProcess({
  shape = 'platform',
  environment,
  onLog,
}: PlatformProcessOptions): PlatformProcess {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..');
  const child = spawn(process.execPath, [join(root, 'dist', `${shape}.js`)], {
    env: inheritedEnvironment(environment),
    // A process group of its own: Ctrl-C reaches it once, through whoever started it. It leaves when that one is gone.
    detached: true,
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  const said: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n').filter((part) => part !== '')) {
      said.push(line);
      if (said.length > KEPT_LINES) said.shift();
      // Why it did not start is said by whoever started it, once.
      if (line.startsWith(REFUSAL)) continue;
      if (onLog === null) process.stderr.write(`${line}\n`);
      else onLog(line);
    }
  });
  const ended = new Promise<{ code: number | null; said: readonly string[] }>((resolve) => {
    child.once('exit', (code) => resolve({ code, said }));
  });
  const ready = new Promise<string>((resolve, reject) => {
    child.on('message', (message) => {
      if (typeof message === 'object' && message !== null && 'ready' in message)
        resolve(String(message.ready));
    });
    void ended.then(({ code }) => reject(new PlatformNotStarted(code, said)));
  });
  ready.catch(() => undefined);
  return {
    pid: child.pid ?? -1,
    ready,
    ended,
    signal: (name) => void child.kill(name),
    stop: () => stop(child, ended, PATIENCE_MS[shape]),
  };
}

async function stop(child: ChildProcess, ended: Promise<unknown>, patienceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  await ended;
  clearTimeout(impatience);
}
