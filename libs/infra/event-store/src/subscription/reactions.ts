import { RegistrationError } from '../errors.js';
import { type Reaction, Reactions } from '../work.port.js';
import { BackgroundLoop } from './background-loop.js';
import { LogReader, type ReaderTools } from './log-reader.js';
import type { LogWatch } from './log-watch.js';

const VERSION = 1;
/** Whatever is new wakes the reader; this is for a watch that is mistaken. */
const LONG_POLL_MS = 10_000;

/** @returns the name under which a reaction's checkpoint stands */
export const reactionSubscriber = (name: string): string => `reaction:${name}`;

/** Runs the reactions of one log, each from a checkpoint of its own. */
export class LogReactions extends Reactions {
  readonly #reactions = new Map<string, Reaction>();
  #loops: BackgroundLoop[] = [];
  #started = false;

  constructor(
    private readonly tools: ReaderTools,
    private readonly watch: LogWatch,
    private readonly onTrouble: (what: string, error: unknown) => void,
  ) {
    super();
  }

  /** @throws RegistrationError when the name is taken, or the log has started */
  register(reaction: Reaction): void {
    if (this.#started)
      throw new RegistrationError(`Register reaction ${reaction.name} before the log starts.`);
    if (this.#reactions.has(reaction.name))
      throw new RegistrationError(`Two reactions are named ${reaction.name}.`);
    this.#reactions.set(reaction.name, reaction);
  }

  get names(): readonly string[] {
    return [...this.#reactions.keys()];
  }

  async start(): Promise<void> {
    this.#started = true;
    for (const { name, handle } of this.#reactions.values()) {
      const subscriber = reactionSubscriber(name);
      await this.tools.checkpoints.ensure(subscriber, VERSION);
      this.#loops.push(this.#loop(name, new LogReader(this.tools, { subscriber, version: VERSION, handle })));
    }
    for (const loop of this.#loops) loop.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.stop()));
    this.#loops = [];
  }

  #loop(name: string, reader: LogReader): BackgroundLoop {
    return new BackgroundLoop({
      step: async () => ((await reader.step()) ?? 0) > 0,
      wait: (signal) => this.watch.waitBeyond(reader.checkpoint?.position ?? null, LONG_POLL_MS, signal),
      onTrouble: (error) => this.onTrouble(`reaction ${name}`, error),
    });
  }
}
