/** Wakes everybody who waits. A raise while nobody waits is remembered for one wait. */
export class Signal {
  #waiting = new Set<() => void>();
  #raised = false;

  raise(): void {
    this.#raised = this.#waiting.size === 0;
    const woken = this.#waiting;
    this.#waiting = new Set();
    for (const wake of woken) wake();
  }

  /** Resolves at the next raise (at once, when one was missed), after `timeoutMs`, or when the signal is aborted. */
  async wait(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (this.#raised) {
      this.#raised = false;
      return;
    }
    if (signal?.aborted === true) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      signal?.addEventListener('abort', done, { once: true });
      this.#waiting.add(done);
    });
  }
}
