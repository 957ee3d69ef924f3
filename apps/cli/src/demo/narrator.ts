import { Help } from 'commander';
import ora, { type Ora } from 'ora';
import type { Io } from '../io.js';
import { printable } from '../output/table.js';

const DETAIL = ' '.repeat(13);
const SPINNER_WIDTH = 3;

/** Tells a person what happens: a spinner with what is waited for on a terminal, plain lines elsewhere. */
export class Narrator {
  private readonly spinner: Ora | null;
  /** Of the terminal; null where lines stay whole. */
  private readonly columns: number | null;
  private readonly started = Date.now();
  private silent = false;

  constructor(private readonly io: Io) {
    this.columns = io.interactive ? io.columns : null;
    this.spinner = this.columns === null ? null : ora({ stream: process.stderr, discardStdin: false });
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
    this.hanging(`    ${this.clock()}  ${who.padEnd(22)} `, what);
  }

  /** Lines that belong to what was just said. */
  detail(...lines: readonly string[]): void {
    for (const line of lines) this.hanging(DETAIL, line);
  }

  /** What a gate asks for, and of whom. */
  asks(missing: readonly { readonly what: string; readonly who: string }[]): void {
    missing.forEach(({ what, who }, index) => {
      this.hanging(`${DETAIL}${(index === 0 ? 'asks' : '').padEnd(5)}${who.padEnd(11)} `, what);
    });
  }

  /** Text as it is. */
  text(text: string): void {
    this.line(text);
  }

  /** What is waited for at this moment; shown, on one line, until something else is said. */
  waiting(what: string): void {
    if (this.spinner === null || this.columns === null || this.silent) return;
    this.spinner.text = printable(`${this.clock()} waiting: ${what}`).slice(0, this.columns - SPINNER_WIDTH);
    if (!this.spinner.isSpinning) this.spinner.start();
  }

  /** Takes the spinner away. */
  rest(): void {
    this.spinner?.stop();
  }

  /** Nothing more is said, whatever is still under way. */
  fallSilent(): void {
    this.silent = true;
    this.rest();
  }

  /** On a terminal the text stays in its column; elsewhere a line is a line. */
  private hanging(head: string, text: string): void {
    const whole = printable(text);
    const shown = this.columns === null ? whole : new Help().boxWrap(whole, this.columns - head.length);
    this.line(`${head}${shown.replaceAll('\n', `\n${' '.repeat(head.length)}`)}\n`);
  }

  private line(text: string): void {
    if (this.silent) return;
    // What it waited for has come, or is not what it waits for now.
    if (this.spinner?.isSpinning === true) this.spinner.stop();
    this.io.out(text);
  }

  private clock(): string {
    return `${((Date.now() - this.started) / 1000).toFixed(1).padStart(5)} s`;
  }
}
