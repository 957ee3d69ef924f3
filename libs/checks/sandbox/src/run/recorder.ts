import { type Attempt, addressesIn, type Capability } from '@kwanus/checks-kit';
import { loadedMarkup } from './loaded-markup.js';

const MOST_ATTEMPTS = 500;
const MOST_ERRORS = 20;
const LONGEST = 500;
const CAPABILITIES: readonly string[] = [
  'network',
  'markup',
  'module',
  'process',
  'code',
  'operation',
  'event',
  'subscription',
  'audit',
  'storage',
] satisfies readonly Capability[];

/** What the code tried. It stands outside the interpreter: the code adds to it by trying, and can take nothing away. */
export class Recorder {
  readonly #attempts = new Map<string, Attempt>();
  readonly #errors = new Set<string>();
  #isFull = false;

  get attempts(): readonly Attempt[] {
    return [...this.#attempts.values()];
  }

  get errors(): readonly string[] {
    return [...this.#errors];
  }

  /** More was tried than can be listed. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Takes what a stand-in tells; names that no stand-in has are left out. */
  note(capability: string, via: string, target: string): void {
    if (capability === 'flood') this.#isFull = true;
    else if (capability === 'markup') this.#noteMarkup(via, target);
    else if (capability === 'error') this.#noteError(`${via}: ${target}`.slice(0, LONGEST));
    else if (CAPABILITIES.includes(capability))
      this.#noteAttempt({
        capability: capability as Capability,
        via: via.slice(0, LONGEST),
        target: target.slice(0, LONGEST),
      });
  }

  /** Of markup only the addresses count that a browser would load: neither links nor names of namespaces. */
  #noteMarkup(via: string, text: string): void {
    const loaded = loadedMarkup(text);
    const near = [...loaded.matchAll(/["'(=]\s*(\/\/[^\s"'()<>]+)/g)].map(([, address = '']) => address);
    for (const target of [...addressesIn(loaded), ...near])
      this.#noteAttempt({ capability: 'markup', via, target: target.slice(0, LONGEST) });
  }

  #noteError(message: string): void {
    if (this.#errors.size < MOST_ERRORS) this.#errors.add(message);
  }

  #noteAttempt(attempt: Attempt): void {
    const key = JSON.stringify(attempt);
    if (this.#attempts.has(key)) return;
    if (this.#attempts.size < MOST_ATTEMPTS) this.#attempts.set(key, attempt);
    else this.#isFull = true;
  }
}
