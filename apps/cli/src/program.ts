import { readFileSync } from 'node:fs';
import { loadConfiguration } from '@kwanus/config';
import { Command } from 'commander';
import { type Context, createContext } from './context.js';
import { EXIT, usage } from './exit.js';
import { failureOf, linesOf } from './failure.js';
import type { Io } from './io.js';

/** Adds one command, or a few that belong together, to the program. */
export type AddCommand = (program: Command, context: Context) => void;

/** The modules of commands, each with those that it adds: only what is asked for is loaded, as all of them together take long. */
const MODULES: readonly (readonly [names: readonly string[], load: () => Promise<AddCommand>])[] = [
  [['up'], async () => (await import('./commands/up.js')).addUp],
  [['demo'], async () => (await import('./commands/demo.js')).addDemo],
  [['login', 'logout'], async () => (await import('./commands/login.js')).addLogin],
  [['init'], async () => (await import('./commands/init.js')).addInit],
  [['check'], async () => (await import('./commands/check.js')).addCheck],
  [['submit'], async () => (await import('./commands/submit.js')).addSubmit],
  [['status'], async () => (await import('./commands/status.js')).addStatus],
  [['watch'], async () => (await import('./commands/watch.js')).addWatch],
  [['decide'], async () => (await import('./commands/decide.js')).addDecide],
  [['evidence'], async () => (await import('./commands/evidence.js')).addEvidence],
  [['waive', 'waivers'], async () => (await import('./commands/waive.js')).addWaive],
  [['lifecycle'], async () => (await import('./commands/lifecycle.js')).addLifecycle],
  [['bodies', 'queue', 'seat'], async () => (await import('./commands/bodies.js')).addBodies],
  [['replay'], async () => (await import('./commands/replay.js')).addReplay],
  [['audit'], async () => (await import('./commands/audit.js')).addAudit],
  [['contract'], async () => (await import('./commands/contract.js')).addContract],
  [['telemetry'], async () => (await import('./commands/telemetry.js')).addTelemetry],
  [['permissions'], async () => (await import('./commands/permissions.js')).addPermissions],
  [['matrix', 'can-rollout'], async () => (await import('./commands/matrix.js')).addMatrix],
  [['rollout'], async () => (await import('./commands/rollout.js')).addRollout],
  [['projections', 'parked', 'relay'], async () => (await import('./commands/operations.js')).addOperations],
  [['doctor'], async () => (await import('./commands/doctor.js')).addDoctor],
  // It completes the others, so it is loaded with all of them.
  [[], async () => (await import('./commands/completion.js')).addCompletion],
];

/** @returns the module of a command, all of them where none has it: help and suggestions know every one */
async function modulesOf(command: string | undefined): Promise<AddCommand[]> {
  const found = MODULES.filter(([names]) => command !== undefined && names.includes(command));
  const commands: AddCommand[] = [];
  for (const [, load] of found.length > 0 ? found : MODULES) commands.push(await load());
  return commands;
}

/**
 * Runs one command.
 * @param args what stands behind `kwanus`
 * @returns the exit code
 */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  try {
    const context = createContext(io, loadConfiguration('cli').config);
    const program = createProgram(context, await modulesOf(args[0]));
    await program.parseAsync([...args], { from: 'user' });
    return EXIT.fine;
  } catch (error) {
    const failure = failureOf(error);
    if (failure.code !== EXIT.fine) io.err(linesOf(failure));
    return failure.code;
  }
}

/** @returns the program with commands; it throws instead of ending the process */
function createProgram(context: Context, commands: readonly AddCommand[]): Command {
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
  for (const add of commands) add(program, context);
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
