import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { ROOT } from './command-line.js';

/** How a program that is not ours ended. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A Python with one package of PyPI. */
export interface Python {
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
}

const CACHE = join(ROOT, 'node_modules/.cache/python');
const INSTALL_MS = 120_000;

/**
 * Defines specs that need a Python with a package of PyPI; pip puts it into node_modules/.cache the first time. Where that can't
 * be had they are skipped, under a name that says what to install.
 * @param requirement pinned, for example `confluent-kafka==2.16.1`
 */
export function withPython(name: string, requirement: string, define: (python: Python) => void): void {
  const found = pythonWith(requirement);
  if (typeof found === 'string') skip(name, found);
  else define(found);
}

/** Defines specs that need a program of the PATH, or skips them under a name that says how to get it. */
export function withProgram(name: string, program: string, remedy: string, define: () => void): void {
  const { error } = spawnSync(program, ['--version'], { stdio: 'ignore' });
  if (error === undefined) define();
  else skip(name, `There is no ${program} here. ${remedy}`);
}

/** Runs a program to its end, with the text as its input. */
export function runProgram(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  options: { readonly input?: string; readonly folder?: string } = {},
): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...process.env, ...environment },
      ...(options.folder === undefined ? {} : { cwd: options.folder }),
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output.stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...output }));
    child.stdin.on('error', () => undefined).end(options.input ?? '');
  });
}

/** @returns a Python, or what is missing */
function pythonWith(requirement: string): Python | string {
  const target = join(CACHE, createHash('sha256').update(requirement).digest('hex').slice(0, 12));
  if (!existsSync(target)) {
    const failure = install(requirement, target);
    if (failure !== null) return failure;
  }
  return { program: 'python3', environment: { PYTHONPATH: target, PYTHONDONTWRITEBYTECODE: '1' } };
}

/** Into a folder of its own first, so that a folder that is there is complete. */
function install(requirement: string, target: string): string | null {
  mkdirSync(CACHE, { recursive: true });
  const fresh = mkdtempSync(join(CACHE, 'fresh-'));
  const { status, error, stderr } = spawnSync(
    'python3',
    ['-m', 'pip', 'install', '--quiet', '--only-binary=:all:', '--target', fresh, requirement],
    { encoding: 'utf8', timeout: INSTALL_MS },
  );
  try {
    if (error !== undefined) return `There is no Python here. Debian: python3 python3-pip (${error.message})`;
    if (status !== 0) return `pip can't install ${requirement}: ${lastLine(stderr)}. Debian: python3-pip`;
    if (!existsSync(target)) renameSync(fresh, target);
    return null;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

function skip(name: string, missing: string): void {
  describe.skip(`${name} (skipped: ${missing})`, () => {
    it('needs another program', () => undefined);
  });
}
