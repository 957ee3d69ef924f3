import type { Response } from 'express';
import { HttpProblem } from './problem.js';

const RETRY_S = 5;

/** Counts the event streams of each caller, so that nobody takes all of the application's. */
export class StreamSlots {
  readonly #open = new Map<string, number>();

  constructor(private readonly most = 5) {}

  /** Takes one until the answer is closed. @throws HttpProblem rate-limited when the caller has as many as it may */
  take(actorId: string, response: Response): void {
    if (response.closed) return;
    const open = this.#open.get(actorId) ?? 0;
    if (open >= this.most)
      throw new HttpProblem('rate-limited', `You have ${this.most} event streams open: close one first.`, {
        retryAfter: RETRY_S,
      });
    this.#open.set(actorId, open + 1);
    response.once('close', () => {
      const left = (this.#open.get(actorId) ?? 1) - 1;
      if (left === 0) this.#open.delete(actorId);
      else this.#open.set(actorId, left);
    });
  }
}
