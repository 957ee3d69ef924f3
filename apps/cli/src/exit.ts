/** What a command's end means to a script (design: fixed). */
export const EXIT = {
  fine: 0,
  /** Findings that block, or a command that the rules refused. */
  refused: 1,
  /** Wrong use or bad input. */
  usage: 2,
  notReachable: 3,
  /** Not allowed, or not logged in. */
  notAllowed: 4,
  /** A fault of ours. */
  fault: 70,
  /** By Ctrl-C (SIGINT), and by SIGTERM, before it was done: 128 and the signal's number, as shells count. */
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with one line on stderr and the given code. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';

  /** @param details further lines, for example what is missing and who must act */
  constructor(
    readonly code: ExitCode,
    message: string,
    readonly details: readonly string[] = [],
  ) {
    super(message);
  }
}

/** @returns the failure for wrong use: what was found, and what to do */
export const usage = (message: string): CommandFailed => new CommandFailed(EXIT.usage, message);
