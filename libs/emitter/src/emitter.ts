import { type Bounds, boundsOf } from './bounds.js';
import { type CloudEvent, type Kind, toCloudEvent } from './cloud-event.js';
import { Delivery } from './delivery.js';
import { HttpSender } from './http-sender.js';
import { KafkaSender } from './kafka-sender.js';
import type { DropReason, EmitterOptions } from './options.js';
import type { Sender } from './sender.js';
import type { ApiCall, ExtensionRun, PermissionUse, WorkflowRun } from './telemetry.js';

/** What became of what was emitted: emitted = sent + buffered + all that was dropped. */
export interface EmitterCounts {
  /** The platform, or the broker, has them. */
  readonly sent: number;
  readonly buffered: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
  /**
   * Sent again after an attempt that nobody knows the end of. Over HTTP the platform recognises the repetition; over Kafka it may
   * have counted them twice.
   */
  readonly repeated: number;
}

const CLOSE_MS = 5_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Sends telemetry to the platform, in batches, from a bounded buffer. Emitting never throws, never waits, and keeps no process alive. */
export class Emitter {
  readonly #bounds: Bounds;
  readonly #onDrop: EmitterOptions['onDrop'];
  readonly #sender: Sender;
  readonly #delivery: Delivery;
  readonly #abort = new AbortController();
  readonly #dropped: Record<DropReason, number> = {
    invalid: 0,
    full: 0,
    refused: 0,
    unreachable: 0,
    closed: 0,
  };
  readonly #warned = new Set<DropReason>();
  #buffer: CloudEvent[] = [];
  #waiters: { readonly mark: number; readonly resolve: () => void }[] = [];
  #accepted = 0;
  #settled = 0;
  #sent = 0;
  #repeated = 0;
  #timer: NodeJS.Timeout | null = null;
  #sending = false;
  #closing: Promise<EmitterCounts> | null = null;

  /** @throws TypeError when the options can't work: this is the only place that throws */
  constructor(options: EmitterOptions) {
    this.#bounds = boundsOf(options);
    this.#onDrop = options.onDrop;
    this.#sender = options.kafka === undefined ? new HttpSender(options) : new KafkaSender(options.kafka);
    const news = {
      sent: (count: number): void => {
        this.#sent += count;
        this.#settle(count);
      },
      repeated: (count: number): void => {
        this.#repeated += count;
      },
      dropped: (reason: DropReason, count: number, error: unknown): void => {
        this.#settle(count);
        this.#drop(reason, count, error);
      },
    };
    this.#delivery = new Delivery(this.#sender, this.#bounds, news, this.#abort.signal);
  }

  /** A call of an operation of the partner's API. */
  apiCall(facts: ApiCall): void {
    this.#emit('api-call', facts);
  }

  /** A run of one of the partner's workflows. */
  workflowRun(facts: WorkflowRun): void {
    this.#emit('workflow-run', facts);
  }

  /** A decision about a permission. */
  permissionUse(facts: PermissionUse): void {
    this.#emit('permission-use', facts);
  }

  /** A run of one of the partner's extensions. */
  extensionRun(facts: ExtensionRun): void {
    this.#emit('extension', facts);
  }

  /** What was sent, what waits, what was dropped and why. */
  get counts(): EmitterCounts {
    const buffered = this.#accepted - this.#settled;
    return { sent: this.#sent, buffered, dropped: { ...this.#dropped }, repeated: this.#repeated };
  }

  /** Resolves when everything that was emitted before the call is sent or dropped; never rejects. */
  async flush(): Promise<void> {
    const mark = this.#accepted;
    if (this.#settled >= mark) return;
    await whileAlive(
      new Promise<void>((resolve) => {
        this.#waiters.push({ mark, resolve });
        this.#send();
      }),
    );
  }

  /**
   * Sends what waits for at most `timeoutMs` (default 5 s), drops the rest, and ends. What is emitted afterwards is dropped.
   * Never rejects.
   * @returns the counts at the end
   */
  close({ timeoutMs = CLOSE_MS }: { readonly timeoutMs?: number } = {}): Promise<EmitterCounts> {
    this.#closing ??= this.#finish(timeoutMs);
    return this.#closing;
  }

  async #finish(timeoutMs: number): Promise<EmitterCounts> {
    const timer = setTimeout(() => this.#abort.abort(), Math.min(timeoutMs, LONGEST_TIMER_MS));
    await this.flush();
    await Promise.race([this.#sender.close(), aborted(this.#abort.signal)]);
    clearTimeout(timer);
    return this.counts;
  }

  #emit(kind: Kind, facts: ApiCall | WorkflowRun | PermissionUse | ExtensionRun): void {
    const { batchSize, maxBuffered, flushMs, source } = this.#bounds;
    if (this.#closing !== null) return this.#drop('closed', 1, new Error('The emitter is closed.'));
    if (this.#accepted - this.#settled >= maxBuffered)
      return this.#drop('full', 1, new Error(`${maxBuffered} events wait already.`));
    try {
      this.#buffer.push(toCloudEvent(kind, facts, source));
    } catch (error) {
      return this.#drop('invalid', 1, error);
    }
    this.#accepted += 1;
    if (this.#buffer.length >= batchSize) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), flushMs).unref();
  }

  #send(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#sending) return;
    this.#sending = true;
    void this.#drain();
  }

  /** One batch at a time: what waits goes in the order in which it came. */
  async #drain(): Promise<void> {
    while (this.#buffer.length > 0) {
      const batch = this.#buffer.slice(0, this.#bounds.batchSize);
      this.#buffer = this.#buffer.slice(batch.length);
      await this.#delivery.bring(batch);
    }
    this.#sending = false;
    this.#sender.idle();
  }

  #settle(count: number): void {
    this.#settled += count;
    const reached = this.#waiters.filter(({ mark }) => mark <= this.#settled);
    this.#waiters = this.#waiters.filter(({ mark }) => mark > this.#settled);
    for (const { resolve } of reached) resolve();
  }

  #drop(reason: DropReason, count: number, error: unknown): void {
    this.#dropped[reason] += count;
    if (this.#onDrop === undefined) return this.#warn(reason, error);
    try {
      this.#onDrop(reason, count, error);
    } catch {
      // Telemetry must not fail what it watches.
    }
  }

  #warn(reason: DropReason, error: unknown): void {
    if (this.#warned.has(reason)) return;
    this.#warned.add(reason);
    const why = error instanceof Error ? error.message : String(error);
    process.emitWarning(
      `Telemetry was dropped (${reason}): ${why} Further ones are only counted.`,
      'KwanusWarning',
    );
  }
}

/** Nothing that is sent keeps the process alive; whoever waits for it does. */
async function whileAlive<T>(work: Promise<T>): Promise<T> {
  const hold = setInterval(() => undefined, LONGEST_TIMER_MS);
  try {
    return await work;
  } finally {
    clearInterval(hold);
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve());
  });
