import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ExtensionProbe, ProbeRequest } from '@kwanus/checks-kit';
import { MOST_TIME_MS, TOOK_TOO_LONG, unanswered } from './thread.js';

/** The child as it was built: a process starts from JavaScript, in tests too. */
const CHILD = fileURLToPath(new URL('../../../../dist/sandbox-process.js', import.meta.url));
/** Users, network and processes of its own; whoever ends `unshare` ends what runs in them. */
const APART = ['--map-root-user', '--net', '--pid', '--fork', '--kill-child'];
/** Ends well only where there is no network to be seen. */
const TRIAL = "process.exit(Object.keys(require('node:os').networkInterfaces()).length)";

const apart = (program: readonly string[], stdio: 'ignore' | ['pipe', 'pipe', 'ignore']): ChildProcess =>
  spawn('unshare', [...APART, process.execPath, ...program], { env: {}, stdio, cwd: '/' });

/** @returns why no process can be put into namespaces of its own on this machine; null: it can */
export async function namespacesMissing(): Promise<string | null> {
  if (process.platform !== 'linux') return 'only Linux has them';
  const trial = apart(['-e', TRIAL], 'ignore');
  try {
    const [code] = (await once(trial, 'exit')) as [number | null];
    return code === 0 ? null : 'the system refuses them here';
  } catch {
    return 'unshare is not installed';
  }
}

/** Looks at an extension in a thread of a process that has no network, no environment and sees no other process. */
export async function probeApart(
  { code: bytes, ...request }: ProbeRequest,
  signal: AbortSignal,
): Promise<ExtensionProbe> {
  signal.throwIfAborted();
  const child = apart([CHILD], ['pipe', 'pipe', 'ignore']);
  const limit = AbortSignal.timeout(MOST_TIME_MS);
  const stop = (): void => void child.kill('SIGKILL');
  const either = AbortSignal.any([signal, limit]);
  either.addEventListener('abort', stop, { once: true });
  const answer: Buffer[] = [];
  child.stdout?.on('data', (bytes: Buffer) => void answer.push(bytes));
  // A child that ends before it has read everything is told by its answer, not by the pipe.
  child.stdin?.on('error', () => undefined);
  child.stdin?.write(`${JSON.stringify(request)}\n`);
  // As it is: to put much code into JSON would keep whoever waits for the answer.
  child.stdin?.end(bytes);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    signal.throwIfAborted();
    if (limit.aborted) return unanswered(TOOK_TOO_LONG);
    if (code !== 0) return unanswered('the process that looked at it ended before its time');
    return JSON.parse(Buffer.concat(answer).toString()) as ExtensionProbe;
  } finally {
    either.removeEventListener('abort', stop);
  }
}
