import { AsyncLocalStorage } from 'node:async_hooks';
import type { Caller } from '@kwanus/auth';
import type { CommandMetadata } from '@kwanus/event-store';
import { HttpProblem } from './problem.js';

/** What the request says about the command that it carries. */
export interface CommandContext {
  readonly caller: Caller;
  /** Actor, correlation, command id (from caller, route and Idempotency-Key), trace: ready for an append. */
  readonly metadata: CommandMetadata;
  /** The version in If-Match; null when the caller named none. */
  readonly ifMatch: number | null;
}

const contexts = new AsyncLocalStorage<CommandContext>();

/** Runs the work with the context around it. */
export const withCommandContext = <T>(context: CommandContext, work: () => Promise<T>): Promise<T> =>
  contexts.run(context, work);

/** @returns the context of the command in hand. @throws HttpProblem (internal-error) outside a route with `@Command()` */
export function commandContext(): CommandContext {
  const context = contexts.getStore();
  if (context === undefined)
    throw new HttpProblem('internal-error', 'commandMetadata() was called outside a route with @Command().');
  return context;
}

/** @returns the metadata for the append of the command in hand; `playbookVersion` is added by the service */
export const commandMetadata = (): CommandMetadata => commandContext().metadata;

/**
 * Compares the version that the caller has seen (If-Match) with the stream's own. Call it with the version that was read, inside
 * the command, before deciding.
 * @throws HttpProblem precondition-failed (412, never retried)
 */
export function checkIfMatch(version: number): void {
  const { ifMatch } = commandContext();
  if (ifMatch !== null && ifMatch !== version)
    throw new HttpProblem(
      'precondition-failed',
      `If-Match names version ${ifMatch}; it is at version ${version}. Read it again, then decide.`,
    );
}
