/** How much one run may take of the machine. */
export interface RunLimits {
  /** Of memory, in its thread. */
  readonly memoryMb: number;
  /** Of what it reads: the submission and the versions that it is compared with. */
  readonly bytes: number;
}

/** Injects the RunLimits. */
export const RUN_LIMITS = Symbol('kwanus run limits');

export const DEFAULT_RUN_LIMITS: RunLimits = { memoryMb: 400, bytes: 512 * 1024 * 1024 };

/** A run needs more than it may take; the next attempt would, too. */
export class RunTooLarge extends Error {
  override readonly name = 'RunTooLarge';
}

/** Counts what a run reads, each artefact once, and refuses to go on where it becomes too much. */
export class ReadBudget {
  readonly #read = new Set<string>();
  #bytes = 0;

  constructor(private readonly most: number) {}

  /** @throws RunTooLarge */
  take(digest: string, bytes: number): void {
    if (this.#read.has(digest)) return;
    this.#read.add(digest);
    this.#bytes += bytes;
    if (this.#bytes > this.most)
      throw new RunTooLarge(
        `It reads more than ${this.most} bytes. Submit less, or let versions that nobody uses retire.`,
      );
  }
}
