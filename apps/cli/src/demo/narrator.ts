import ora, { type Ora } from 'ora';
import type { Io } from '../io.js';
import { printable } from '../output/table.js';

/** Tells a person what happens: a spinner with what is waited for on a terminal, plain lines elsewhere. */
export class Narrator {
  private readonly spinner: Ora | null;
  private readonly started = Date.now();

  constructor(private readonly io: Io) {
    this.spinner = io.interactive ? ora({ stream: process.stderr, discardStdin: false }) : null;
  }

  /** A chapter. */
  chapter(title: string): void {
    this.line(`\n━━ ${title} ${'━'.repeat(Math.max(3, 96 - title.length))}\n`);
  }

  /** One of the seven steps begins. */
  step(number: number, title: string): void {
    this.line(`\n  Step ${number} — ${title}\n`);
  }

  /** Somebody, or one of the services, did something. */
  did(who: string, what: string): void {
    this.line(`    ${this.clock()}  ${who.padEnd(22)} ${printable(what)}\n`);
  }

  /** Lines that belong to what was just said. */
  detail(...lines: readonly string[]): void {
    for (const line of lines) this.line(`             ${printable(line)}\n`);
  }

  /** Text as it is. */
  text(text: string): void {
    this.line(text);
  }

  /** What is waited for at this moment; shown until something else is said. */
  waiting(what: string): void {
    if (this.spinner === null) return;
    this.spinner.text = `${this.clock()} waiting: ${what}`;
    if (!this.spinner.isSpinning) this.spinner.start();
  }

  /** Takes the spinner away. */
  rest(): void {
    this.spinner?.stop();
  }

  private line(text: string): void {
    const spinning = this.spinner?.isSpinning === true;
    if (spinning) this.spinner?.clear();
    this.io.out(text);
    if (spinning) this.spinner?.render();
  }

  private clock(): string {
    return `${((Date.now() - this.started) / 1000).toFixed(1).padStart(5)} s`;
  }
}
