// What a test run leaves behind, processes and files, is in one folder: it can be looked for when the run ends, however it ends.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const GUARD = fileURLToPath(new URL('./jest-guard.mjs', import.meta.url));
const LEAVE_MS = 10_000;
const LOOK_EVERY_MS = 200;

/** Makes the folder where everything of this run keeps its temporary files, and has it watched in case the run is cut off. */
export function openRunFolder() {
  // Short, as sockets' paths have a limit; PostgreSQL's own user has to reach it when we are root.
  const folder = mkdtempSync(join(tmpdir(), 'kwanus-jest-'));
  chmodSync(folder, 0o755);
  process.env.TMPDIR = folder;
  const guard = spawn(process.execPath, [GUARD, folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.unref();
  guard.stdin.unref();
  return folder;
}

/** @returns the processes that have the folder in their command line: `{ pid, command }` */
export function processesOf(folder) {
  const { stdout } = spawnSync('ps', ['-A', '-ww', '-o', 'pid=,args='], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .filter((row) => row.includes(folder))
    .map((row) => {
      const [, pid, command] = /^\s*(\d+)\s+(.*)$/.exec(row);
      return { pid: Number(pid), command };
    })
    .filter(({ command }) => !command.includes(GUARD));
}

/** @returns what still runs of the folder's processes, once they had time to leave */
export async function leftOver(folder) {
  for (const until = Date.now() + LEAVE_MS; ; await pause(LOOK_EVERY_MS)) {
    const running = processesOf(folder);
    if (running.length === 0 || Date.now() > until) return running;
  }
}

/** Ends what runs on the folder, and removes it. PostgreSQL is asked first: it gives its shared memory back. */
export async function clear(folder) {
  const asked = Date.now() + LEAVE_MS;
  do {
    for (const { pid, command } of processesOf(folder))
      end(pid, command.includes('bin/postgres ') && Date.now() < asked ? 'SIGQUIT' : 'SIGKILL');
    await pause(LOOK_EVERY_MS);
  } while (!removed(folder) && Date.now() < asked + LEAVE_MS);
}

/** A process that is about to end may still write: then there is more to remove than was found. */
function removed(folder) {
  if (processesOf(folder).length > 0) return false;
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    if (error.code !== 'ENOTEMPTY') throw error;
  }
  return !existsSync(folder);
}

function end(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
