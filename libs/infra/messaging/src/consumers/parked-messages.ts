import type { GapSkipped, OperatorDecision, ParkedKey, ParkedMessage, Redriven } from '../consumer.port.js';
import { ParkedMessages as ParkedMessagesPort } from '../consumer.port.js';
import type { ConsumerContext } from './context.js';
import { type Envelope, readEnvelope } from './envelope.js';
import { ofMessage } from './record.js';
import type { Redriver, ResumeTurn } from './redriver.js';

/** A registered consumer, as this sees it. */
export interface ConsumerInHand {
  readonly name: string;
  readonly source: string;
  readonly context: ConsumerContext;
  readonly redriver: Redriver;
}

/** Each is a transaction; so many are done before a caller stops waiting. */
const REDRIVEN_AT_ONCE = 200;
const NOTHING: Redriven = { handled: 0, remaining: 0, error: null };
const STOPPING = 'the service stops; ask again when it is back';

/** Parked messages of all consumers of a service. */
export class ParkedMessages extends ParkedMessagesPort {
  constructor(
    private readonly consumers: ReadonlyMap<string, ConsumerInHand>,
    private readonly stopping: AbortSignal,
  ) {
    super();
  }

  override async list(consumer?: string): Promise<readonly ParkedKey[]> {
    const asked = [...this.consumers.values()].filter(
      ({ name }) => consumer === undefined || name === consumer,
    );
    return (await Promise.all(asked.map(({ context }) => context.parking.keys()))).flat();
  }

  override async show(consumer: string, key: string, limit?: number): Promise<readonly ParkedMessage[]> {
    return (await this.consumers.get(consumer)?.context.parking.show(key, limit)) ?? [];
  }

  override async redrive(
    consumer: string,
    key: string,
    options: { acceptFork?: boolean } = {},
  ): Promise<Redriven> {
    const outcome = await this.redriveAll(consumer, key, options.acceptFork ?? false);
    const left = (await this.list(consumer)).find((parked) => parked.key === key);
    return { ...outcome, remaining: left?.messages ?? 0 };
  }

  override async skip(consumer: string, key: string, decision: OperatorDecision): Promise<boolean> {
    const found = this.consumers.get(consumer);
    if (found === undefined) return false;
    const { work, parking, record, inbox } = found.context;
    return work.run(async () => {
      await work.lockStreams([record.streamId]);
      await inbox.lockKey(key);
      const [first] = await parking.show(key, 1);
      if (first === undefined) return false;
      const envelope = envelopeOf(first, found.source);
      const about = envelope === null ? {} : ofMessage(envelope);
      await record.skipped({ key, error: first.error, ...about }, first.message.key ?? key, decision);
      if (envelope !== null) await inbox.leaveOut(envelope);
      await parking.remove(first.id);
      return true;
    });
  }

  override async skipGap(
    consumer: string,
    streamId: string,
    throughVersion: number,
    decision: OperatorDecision,
  ): Promise<GapSkipped> {
    const found = this.consumers.get(consumer);
    if (found === undefined) return { givenUp: false, ...NOTHING };
    const { work, record, inbox } = found.context;
    const givenUp = await work.run(async () => {
      await inbox.lockPosition(streamId);
      await work.lockStreams([record.streamId]);
      if ((await inbox.versionOf(streamId)) >= throughVersion) return record.holds(decision.commandId);
      await record.skipped({ streamId, throughVersion }, streamId, decision);
      await inbox.giveUpTo(streamId, throughVersion);
      return true;
    });
    return { givenUp, ...(await this.resumeAll(found, streamId)) };
  }

  /** What fails now is no reason to say nothing of what was given up: it is committed. */
  private async resumeAll({ redriver }: ConsumerInHand, streamId: string): Promise<Redriven> {
    const turn: ResumeTurn = { signal: this.stopping, left: REDRIVEN_AT_ONCE };
    let error: string | null = null;
    try {
      for (const { key } of await redriver.free(streamId)) await redriver.resume(key, turn);
    } catch (failure) {
      error = this.stopping.aborted ? STOPPING : messageOf(failure);
    }
    const free =
      error === null ? await redriver.free(streamId) : await redriver.free(streamId).catch(() => []);
    const remaining = free.reduce((sum, { messages }) => sum + messages, 0);
    return { handled: REDRIVEN_AT_ONCE - turn.left, remaining, error };
  }

  private async redriveAll(
    consumer: string,
    key: string,
    acceptFork: boolean,
  ): Promise<{ handled: number; error: string | null }> {
    const redriver = this.consumers.get(consumer)?.redriver;
    let handled = 0;
    try {
      while (handled < REDRIVEN_AT_ONCE) {
        if (this.stopping.aborted) return { handled, error: STOPPING };
        if (!(await redriver?.redriveFirst(key, acceptFork && handled === 0))) break;
        handled += 1;
      }
      return { handled, error: null };
    } catch (error) {
      return { handled, error: messageOf(error) };
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Null for what was parked because nothing about it could be believed. */
function envelopeOf(parked: ParkedMessage, source: string): Envelope | null {
  try {
    return readEnvelope(parked.message, source);
  } catch {
    return null;
  }
}
