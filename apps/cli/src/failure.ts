import { DevelopmentIssuerRefused, IdentitiesRefused } from '@kwanus/auth';
import { FolderRefused } from '@kwanus/checks-catalogue';
import { ConfigurationRefused } from '@kwanus/config';
import { isDomainRejection, type Missing } from '@kwanus/kernel';
import { ApiProblem, ClientMisused, Unreachable } from '@kwanus/platform-client';
import { CommanderError } from 'commander';
import { CommandFailed, EXIT, type ExitCode } from './exit.js';
import { printable } from './output/table.js';

const waitingFor = (missing: readonly Missing[]): string[] =>
  missing.map(({ what, who }) => `missing: ${what} (${who})`);

function ofProblem(problem: ApiProblem): CommandFailed {
  const places = problem.problem.errors.map(({ pointer, message }) => `${pointer}: ${message}`);
  return new CommandFailed(exitOf(problem.status), problem.message, [
    ...places,
    ...waitingFor(problem.missing),
  ]);
}

function exitOf(status: number): ExitCode {
  if (status === 401 || status === 403) return EXIT.notAllowed;
  if (status === 409 || status === 412) return EXIT.refused;
  return status >= 500 ? EXIT.fault : EXIT.usage;
}

/** @returns what went wrong as an exit code, one line, and the details that help */
export function failureOf(error: unknown): CommandFailed {
  if (error instanceof CommandFailed) return error;
  if (error instanceof ApiProblem) return ofProblem(error);
  if (error instanceof Unreachable)
    return new CommandFailed(
      EXIT.notReachable,
      `${error.message} Is the platform running? Start it with \`npm start\`.`,
    );
  if (error instanceof CommanderError)
    return new CommandFailed(
      error.exitCode === 0 ? EXIT.fine : EXIT.usage,
      error.message.replace(/^error: /, ''),
    );
  if (isDomainRejection(error))
    return new CommandFailed(EXIT.refused, error.message, waitingFor(error.missing));
  if (isOurRefusal(error)) return new CommandFailed(EXIT.usage, error.message);
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new CommandFailed(
    EXIT.fault,
    'This is a fault of ours. Please report it with what you did.',
    text.split('\n'),
  );
}

const REFUSALS = [
  ConfigurationRefused,
  DevelopmentIssuerRefused,
  IdentitiesRefused,
  ClientMisused,
  FolderRefused,
];
const isOurRefusal = (error: unknown): error is Error => REFUSALS.some((kind) => error instanceof kind);

/** @returns the lines for stderr: one for what went wrong, then the details */
export const linesOf = ({ message, details }: CommandFailed): string =>
  [`kwanus: ${printable(message)}`, ...details.map((line) => `  ${printable(line)}`)].join('\n').concat('\n');
