import { type ChildProcess, spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import { join } from 'node:path';

/** The root of this workspace. */
export const ROOT = join(import.meta.dirname, '..', '..', '..', '..');

/** How a run of the command line ended. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A nice value, as POSIX has it: a third of the time that others get where there is not enough for all. */
const BESIDE = 5;

/** Whole platforms have more processes than specs beside them: these would come to nothing otherwise. What the child starts is as nice. */
export function beside<Child extends ChildProcess>(child: Child): Child {
  if (child.pid !== undefined) setPriority(child.pid, BESIDE);
  return child;
}

/**
 * Runs `kwanus` from the build, as a user does.
 * @param watch told all of standard output whenever more of it came
 */
export async function kwanus(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  watch: (stdout: string) => void = () => undefined,
): Promise<Ran> {
  const child: ChildProcess = beside(
    spawn(process.execPath, [join(ROOT, 'dist/kwanus.js'), ...args], {
      cwd: ROOT,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
      if (name === 'stdout') watch(said.stdout);
    });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, ...said };
}
