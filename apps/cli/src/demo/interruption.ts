import type { EventEmitter } from 'node:events';
import { CommandFailed, EXIT } from '../exit.js';

const CODES = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const;

/** The first SIGINT or SIGTERM: the end of a demo that has been told, a failure in the middle of one. The second ends the process. */
export class Interruption {
  private told = false;
  /** Rejects with 130 or 143 when it comes in the middle. */
  readonly cut: Promise<never>;
  /** Resolves when it comes after the end. */
  readonly end: Promise<void>;

  /** @param signals this process */
  constructor(signals: Pick<EventEmitter, 'once'>) {
    const first = new Promise<keyof typeof CODES>((resolve) => {
      for (const name of ['SIGINT', 'SIGTERM'] as const) signals.once(name, () => resolve(name));
    });
    let leave: () => void = () => undefined;
    this.end = new Promise((resolve) => {
      leave = resolve;
    });
    this.cut = new Promise((_, reject) => {
      void first.then((name) => (this.told ? leave() : reject(interrupted(name))));
    });
    this.cut.catch(() => undefined);
  }

  /** The demo has been told to its end; what follows is waiting for Ctrl-C. */
  toldToItsEnd(): void {
    this.told = true;
  }
}

const interrupted = (name: keyof typeof CODES): CommandFailed =>
  new CommandFailed(CODES[name], `The demo was interrupted (${name}). Nothing of it runs any more.`);
