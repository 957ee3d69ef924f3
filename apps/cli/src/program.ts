import { readFileSync } from 'node:fs';
import { loadConfiguration } from '@kwanus/config';
import { Command } from 'commander';
import { addAudit } from './commands/audit.js';
import { addBodies } from './commands/bodies.js';
import { addCheck } from './commands/check.js';
import { addCompletion } from './commands/completion.js';
import { addContract } from './commands/contract.js';
import { addDecide } from './commands/decide.js';
import { addDemo } from './commands/demo.js';
import { addDoctor } from './commands/doctor.js';
import { addEvidence } from './commands/evidence.js';
import { addLifecycle } from './commands/lifecycle.js';
import { addLogin } from './commands/login.js';
import { addMatrix } from './commands/matrix.js';
import { addOperations } from './commands/operations.js';
import { addPermissions } from './commands/permissions.js';
import { addReplay } from './commands/replay.js';
import { addRollout } from './commands/rollout.js';
import { addStatus } from './commands/status.js';
import { addSubmit } from './commands/submit.js';
import { addTelemetry } from './commands/telemetry.js';
import { addUp } from './commands/up.js';
import { addWaive } from './commands/waive.js';
import { addWatch } from './commands/watch.js';
import { type Context, createContext } from './context.js';
import { EXIT, usage } from './exit.js';
import { failureOf, linesOf } from './failure.js';
import type { Io } from './io.js';

/** Adds one command, or a few that belong together, to the program. */
export type AddCommand = (program: Command, context: Context) => void;

const COMMANDS: readonly AddCommand[] = [
  addUp,
  addDemo,
  addLogin,
  addCheck,
  addSubmit,
  addStatus,
  addWatch,
  addDecide,
  addEvidence,
  addWaive,
  addLifecycle,
  addBodies,
  addReplay,
  addAudit,
  addContract,
  addTelemetry,
  addPermissions,
  addMatrix,
  addRollout,
  addOperations,
  addDoctor,
  addCompletion,
];

/**
 * Runs one command.
 * @param args what stands behind `kwanus`
 * @returns the exit code
 */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  try {
    const program = createProgram(createContext(io, loadConfiguration('cli').config));
    await program.parseAsync([...args], { from: 'user' });
    return EXIT.fine;
  } catch (error) {
    const failure = failureOf(error);
    if (failure.code !== EXIT.fine) io.err(linesOf(failure));
    return failure.code;
  }
}

/** @returns the program with all its commands; it throws instead of ending the process */
export function createProgram(context: Context): Command {
  const program = new Command('kwanus')
    .version(versionOf())
    .enablePositionalOptions()
    .description('Takes a partner integration from proposal to stewardship, and proves it.')
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ writeOut: context.io.out, writeErr: () => undefined })
    .addHelpText(
      'after',
      '\nExit codes: 0 fine, 1 findings or refused, 2 wrong use, 3 not reachable, 4 not allowed, 70 our fault.',
    );
  program.allowExcessArguments().action(() => {
    const [unknown] = program.args;
    if (unknown !== undefined) throw usage(`There is no command ${unknown}. \`kwanus --help\` lists them.`);
    context.io.out(program.helpInformation());
    throw usage('Name a command.');
  });
  for (const add of COMMANDS) add(program, context);
  for (const command of program.commands) settle(command, context);
  return program;
}

/** A new command takes over the program's leniency about arguments: it is for unknown commands only. */
function settle(command: Command, context: Context): void {
  command
    .exitOverride()
    .allowExcessArguments(false)
    .configureOutput({ writeOut: context.io.out, writeErr: () => undefined });
  for (const inner of command.commands) settle(inner, context);
}

/** @returns the version of this package */
function versionOf(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return (manifest as { version: string }).version;
}
