import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type monitoringHttp, telemetryMessages } from '@kwanus/contracts';
import type { z } from 'zod';

type Telemetry = z.infer<typeof monitoringHttp.TelemetryEvent>;
/** What a piece of telemetry says, without the time: that is added when it is left out. */
type Facts<T> = Omit<T, 'at'> & { readonly at?: string };

/** Where to, as whom, and within what bounds. */
export interface EmitterOptions {
  /** The platform, for example `https://kwanus.example`. */
  readonly url: string;
  /** Bearer token of a service, or where to get a fresh one; asked for every batch. */
  readonly token: string | (() => string | Promise<string>);
  /** Which service speaks: the CloudEvents source, for example `acme/checkout`. */
  readonly source: string;
  /** Default 200; the platform takes 1000 at most. */
  readonly batchSize?: number;
  /** How long the first of a batch waits for others. Default 1000 ms. */
  readonly flushMs?: number;
  /** What may wait in memory; more is dropped, and counted. Default 10 000. */
  readonly maxBuffered?: number;
  /** Attempts for a batch before it is dropped, and counted. Default 6: about half a minute. */
  readonly maxAttempts?: number;
  /** The first pause between attempts; doubled each time, with jitter, at most 10 s. Default 500 ms. */
  readonly retryMs?: number;
  /** Hears why something was dropped. */
  readonly onDrop?: (reason: DropReason, count: number, error?: unknown) => void;
}

/** Not valid, no room, refused by the platform (4xx), not reachable in time. */
export type DropReason = 'invalid' | 'full' | 'refused' | 'unreachable';

/** What became of what was emitted. */
export interface EmitterCounts {
  readonly sent: number;
  readonly buffered: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
}

const LONGEST_PAUSE_MS = 10_000;
const REQUEST_MS = 10_000;
const WORTH_RETRYING = new Set([408, 425, 429]);

/** Sends telemetry to the platform, in batches, from a bounded buffer. Emitting never throws and never waits. */
export class Emitter {
  private readonly buffer: Telemetry[] = [];
  private readonly dropped: Record<DropReason, number> = { invalid: 0, full: 0, refused: 0, unreachable: 0 };
  private sent = 0;
  private inFlight = 0;
  private timer: NodeJS.Timeout | null = null;
  private sending: Promise<void> | null = null;

  constructor(private readonly options: EmitterOptions) {}

  /** A call of an operation of the partner's API. */
  apiCall(facts: Facts<z.infer<typeof telemetryMessages.ApiCall>>): void {
    this.emit('kwanus.telemetry.api-call.v1', telemetryMessages.ApiCall, facts);
  }

  /** A run of one of the partner's workflows. */
  workflowRun(facts: Facts<z.infer<typeof telemetryMessages.WorkflowRun>>): void {
    this.emit('kwanus.telemetry.workflow-run.v1', telemetryMessages.WorkflowRun, facts);
  }

  /** A decision about a permission. */
  permissionUse(facts: Facts<z.infer<typeof telemetryMessages.PermissionUse>>): void {
    this.emit('kwanus.telemetry.permission-use.v1', telemetryMessages.PermissionUse, facts);
  }

  /** A run of one of the partner's extensions. */
  extensionRun(facts: Facts<z.infer<typeof telemetryMessages.ExtensionRun>>): void {
    this.emit('kwanus.telemetry.extension.v1', telemetryMessages.ExtensionRun, facts);
  }

  /** What was sent, what waits, what was dropped and why. */
  get counts(): EmitterCounts {
    return { sent: this.sent, buffered: this.buffer.length + this.inFlight, dropped: { ...this.dropped } };
  }

  /** Sends what waits; resolves when it is sent or dropped. */
  async flush(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.sending ??= this.drain().finally(() => {
      this.sending = null;
    });
    await this.sending;
  }

  private emit(type: Telemetry['type'], schema: z.ZodType, facts: Facts<{ at: string }>): void {
    const data = schema.safeParse({ ...facts, at: facts.at ?? new Date().toISOString() });
    if (!data.success) return this.drop('invalid', 1, data.error);
    if (this.buffer.length + this.inFlight >= (this.options.maxBuffered ?? 10_000))
      return this.drop('full', 1);
    const event = {
      specversion: '1.0',
      id: randomUUID(),
      source: this.options.source,
      type,
      data: data.data,
    };
    this.buffer.push(event as Telemetry);
    if (this.buffer.length >= this.batchSize) void this.flush();
    else this.timer ??= setTimeout(() => void this.flush(), this.options.flushMs ?? 1_000).unref();
  }

  private get batchSize(): number {
    return this.options.batchSize ?? 200;
  }

  private async drain(): Promise<void> {
    while (this.buffer.length > 0) {
      const batch = this.buffer.splice(0, this.batchSize);
      this.inFlight = batch.length;
      await this.deliver(batch);
      this.inFlight = 0;
    }
  }

  /** The same key on every attempt, so that the platform can tell a repetition. */
  private async deliver(batch: readonly Telemetry[]): Promise<void> {
    const key = randomUUID();
    const attempts = this.options.maxAttempts ?? 6;
    for (let attempt = 1; ; attempt += 1) {
      const { outcome, waitMs, error } = await this.post(batch, key);
      if (outcome === 'sent') {
        this.sent += batch.length;
        return;
      }
      if (outcome === 'refused') return this.drop('refused', batch.length, error);
      if (attempt >= attempts) return this.drop('unreachable', batch.length, error);
      await delay(waitMs ?? this.pause(attempt));
    }
  }

  private pause(attempt: number): number {
    const longest = Math.min((this.options.retryMs ?? 500) * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
    return longest * (0.5 + Math.random() / 2);
  }

  private async post(
    batch: readonly Telemetry[],
    key: string,
  ): Promise<{ outcome: 'sent' | 'refused' | 'later'; waitMs?: number; error?: unknown }> {
    try {
      const { token, url } = this.options;
      const response = await fetch(new URL('/v1/telemetry', url), {
        method: 'POST',
        headers: {
          'content-type': 'application/cloudevents-batch+json',
          authorization: `Bearer ${typeof token === 'string' ? token : await token()}`,
          'idempotency-key': key,
        },
        body: JSON.stringify(batch),
        signal: AbortSignal.timeout(REQUEST_MS),
      });
      const text = await response.text();
      if (response.ok) return { outcome: 'sent' };
      const error = `${response.status}: ${text.slice(0, 500)}`;
      const final = response.status < 500 && !WORTH_RETRYING.has(response.status);
      return { outcome: final ? 'refused' : 'later', error, ...retryAfter(response) };
    } catch (error) {
      return { outcome: 'later', error };
    }
  }

  private drop(reason: DropReason, count: number, error?: unknown): void {
    this.dropped[reason] += count;
    this.options.onDrop?.(reason, count, error);
  }
}

function retryAfter(response: Response): { waitMs?: number } {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0
    ? { waitMs: Math.min(seconds * 1000, LONGEST_PAUSE_MS) }
    : {};
}
