import { DevelopmentIssuerRefused, IdentitiesRefused } from '@kwanus/auth/development';
import { FolderRefused } from '@kwanus/checks-catalogue/submission';
import { ConfigurationRefused } from '@kwanus/config';
import { isDomainRejection, type Missing } from '@kwanus/kernel';
import { ApiProblem, ClientMisused, Unreachable } from '@kwanus/platform-client';
import { CommanderError } from 'commander';
import { CommandFailed, EXIT, type ExitCode, usage } from './exit.js';
import { printable } from './output/table.js';

const waitingFor = (missing: readonly Missing[]): string[] =>
  missing.map(({ what, who }) => `missing: ${what} (${who})`);

const NOT_FOUND = 404;
const UNAUTHENTICATED = 401;

function ofProblem(problem: ApiProblem): CommandFailed {
  const { errors } = problem.problem;
  // The detail of a single fault says all of it.
  const places = errors.length > 1 ? errors.map(({ pointer, message }) => `${pointer}: ${message}`) : [];
  return new CommandFailed(exitOf(problem.status), saying(problem), [
    ...places,
    ...waitingFor(problem.missing),
  ]);
}

function saying({ status, message, problem: { instance } }: ApiProblem): string {
  if (status === UNAUTHENTICATED)
    return 'The login does not hold (any more): run `kwanus login --as NAME` again, or renew KWANUS_TOKEN.';
  return status === NOT_FOUND && instance !== undefined ? nothing(addressed(instance)) : message;
}

const nothing = (what: string): string => `There is no ${what}, or it is not for you to see.`;

/** Says of a question about an integration, under an address that does not name it, that there is none. */
export function withoutIntegration(id: string) {
  return (error: unknown): never => {
    if (error instanceof ApiProblem && error.status === NOT_FOUND) throw usage(nothing(`integration ${id}`));
    throw error;
  };
}

const ONE_OF: Readonly<Record<string, string>> = {
  integrations: 'integration',
  validations: 'validation run',
  rollouts: 'rollout',
  releases: 'release',
  artifacts: 'artefact',
  bodies: 'body',
  playbooks: 'playbook',
  permissions: 'permission',
  alerts: 'alert',
};

/** What an address names: the thing itself, also where only a view of it was asked for, and a part of it beside. */
function addressed(instance: string): string {
  const path = decoded(instance.split('?')[0]?.replace(/^\/v1\//, '') ?? instance);
  const [collection = '', id, ...part] = path.split('/');
  const kind = ONE_OF[collection];
  if (kind === undefined || id === undefined) return path;
  return part.length > 1 ? `${kind} ${id}, or no ${part.join('/')} of it` : `${kind} ${id}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function exitOf(status: number): ExitCode {
  if (status === 401 || status === 403) return EXIT.notAllowed;
  if (status === 409 || status === 412) return EXIT.refused;
  return status >= 500 ? EXIT.fault : EXIT.usage;
}

/** What commander says is meant for a person who sees the help text that it prints beside. */
function ofWrongUse({ code, exitCode, message }: CommanderError): CommandFailed {
  if (code === 'commander.help')
    return new CommandFailed(
      EXIT.usage,
      'This is a group of commands: name one of them. `--help` lists them.',
    );
  return new CommandFailed(exitCode === 0 ? EXIT.fine : EXIT.usage, message.replace(/^error: /, ''));
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
  if (error instanceof CommanderError) return ofWrongUse(error);
  if (error instanceof ConfigurationRefused)
    return new CommandFailed(EXIT.usage, 'The configuration can’t be used.', error.problems);
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

const REFUSALS = [DevelopmentIssuerRefused, IdentitiesRefused, ClientMisused, FolderRefused];
const isOurRefusal = (error: unknown): error is Error => REFUSALS.some((kind) => error instanceof kind);

/** @returns the lines for stderr: one for what went wrong, then the details */
export const linesOf = ({ message, details }: CommandFailed): string =>
  [`kwanus: ${printable(message)}`, ...details.map((line) => `  ${printable(line)}`)].join('\n').concat('\n');
