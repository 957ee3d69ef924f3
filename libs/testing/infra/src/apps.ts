import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './command-line.js';

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** An app of this workspace as a process of its own. */
export interface AppProcess {
  readonly pid: number;
  /** Its address, once it answers. Rejects with what it said when it ended before. */
  readonly ready: Promise<string>;
  readonly ended: Promise<Ended>;
  /** Everything that it wrote to standard error, line by line. */
  readonly lines: readonly string[];
  readonly signal: (name: NodeJS.Signals) => void;
}

/** A temporary data folder, and apps on one database that share it. */
export interface Apps {
  readonly dataFolder: string;
  readonly start: (app: string, environment?: Readonly<Record<string, string>>) => AppProcess;
  /** Kills what still runs, and removes the folder. */
  readonly close: () => Promise<void>;
}

/** Builds the apps (quick when they are built). @throws when one does not compile */
export function buildApps(): void {
  const built = spawnSync(process.execPath, [join(ROOT, 'tools/build.mjs')], { cwd: ROOT, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`npm run build: ${built.stdout}`);
}

/** @param databaseUrl the database of all apps that are started; each has schemas of its own */
export function openApps(databaseUrl: string): Apps {
  const dataFolder = mkdtempSync(join(tmpdir(), 'kwanus-apps-'));
  const started: AppProcess[] = [];
  return {
    dataFolder,
    start: (app, environment = {}) => {
      const process = startApp(app, {
        KWANUS_DATABASE_URL: databaseUrl,
        KWANUS_DATA_DIR: dataFolder,
        KWANUS_IDENTITIES: join(ROOT, 'identities.yaml'),
        KWANUS_PORT: '0',
        KWANUS_LOG_FORMAT: 'json',
        ...environment,
      });
      started.push(process);
      return process;
    },
    close: async () => {
      for (const process of started) process.signal('SIGKILL');
      await Promise.all(started.map(({ ended }) => ended));
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

function startApp(app: string, environment: Readonly<Record<string, string>>): AppProcess {
  const child = spawn(process.execPath, [join(ROOT, 'dist', `${app}.js`)], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const lines: string[] = [];
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  collect(child, lines);
  const ready = new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { ready: string }).ready));
    void ended.then(() => reject(new Error(`${app} ended before it answered: ${lines.join('\n')}`)));
  });
  ready.catch(() => undefined);
  return { pid: child.pid ?? -1, ready, ended, lines, signal: (name) => void child.kill(name) };
}

function collect(child: ChildProcess, lines: string[]): void {
  let rest = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    const parts = `${rest}${text}`.split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
}
