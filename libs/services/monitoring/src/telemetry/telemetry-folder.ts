import { uuidv5 } from '@kwanus/canonical';
import {
  type FoldContext,
  type Folded,
  foldTelemetry,
  type ReleaseWindow,
  sealByClock,
  type TelemetryFact,
} from '@kwanus/domain-monitoring';
import type { Clock } from '@kwanus/kernel';
import { type ReceivedMessage, Transport } from '@kwanus/messaging';
import { CLOCK } from '@kwanus/service';
import { count } from '@kwanus/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { JUDGE_WINDOWS, type SealedReference } from '../judge/sealed-reference.js';
import { MonitoringRules } from '../monitoring-rules.js';
import { WatchList } from '../watch/watch-list.js';
import { type CountedIds, idOf } from './known-ids.js';
import { OpenWindowsStore } from './open-windows.store.js';
import type { Partition } from './partition.js';
import { TelemetryLog, windowAppend, windowStream } from './telemetry-log.js';
import { isUnreadable, toFact } from './telemetry-message.js';

/** What a fold goes by: the playbook's lengths and the clock. */
@Injectable()
export class FoldTime {
  constructor(
    readonly rules: MonitoringRules,
    @Inject(CLOCK) readonly clock: Clock,
  ) {}

  now(): FoldContext {
    return { rules: this.rules.windows, now: this.clock.now() };
  }

  /** @returns since when the ids of what was counted are known: as long as a window may stay open */
  forgottenBefore(): number {
    const { windowMs, watermarkMs } = this.rules.windows;
    return this.clock.now() - windowMs - 2 * watermarkMs;
  }
}

/**
 * Folds telemetry into windows and seals them. Everything that a batch comes to (open windows, sealed ones, position, what is to
 * be judged) is one transaction; whatever happens, a message is counted once.
 */
@Injectable()
export class TelemetryFolder {
  constructor(
    private readonly log: TelemetryLog,
    private readonly windows: OpenWindowsStore,
    private readonly watchList: WatchList,
    private readonly transport: Transport,
    private readonly time: FoldTime,
  ) {}

  /** Counts the messages of one partition, in order; those that were counted before are skipped, by position and by id. */
  async fold(partition: Partition, batch: readonly ReceivedMessage[]): Promise<void> {
    const last = batch.at(-1);
    if (last === undefined) return;
    const { facts, refused } = read(batch);
    const declared = await this.watchList.declared(integrationsOf(facts));
    const counted = await this.log.work.run(async () => {
      await this.windows.lock(partition);
      const done = await this.windows.lastPosition(partition);
      const isNew = ({ position }: { readonly position: string }): boolean =>
        done === null || this.transport.comparePositions(position, done) > 0;
      if (!isNew(last)) return null;
      const unseen = await this.unseen(partition, done, facts.filter(isNew));
      await this.windows.lockIntegrations(integrationsOf(facts));
      const before = await this.windows.load(integrationsOf(facts));
      await this.lockStreams([...before.open, ...unseen.facts]);
      const folded = foldTelemetry(before, unseen.facts, { ...this.time.now(), declared });
      await this.write(partition, folded, `${partition.topic}/${partition.partition}/${last.position}`);
      const reasons = { ...countReasons(refused.filter(isNew)), ...folded.refused, duplicate: unseen.again };
      await this.windows.countRefused(partition, reasons);
      await this.windows.moveTo(partition, last.position);
      await this.windows.ids.add(partition, last.position, unseen.counted, this.time.forgottenBefore());
      return { folded, reasons, facts: unseen.facts.length, from: done, ids: unseen.counted };
    });
    if (counted === null) return;
    this.windows.ids.committed(partition, { from: counted.from, to: last.position }, counted.ids);
    measure(counted);
  }

  /** Leaves out what was counted under its id before. */
  private async unseen(
    partition: Partition,
    done: string | null,
    placed: readonly Placed[],
  ): Promise<{
    readonly facts: readonly TelemetryFact[];
    readonly again: number;
    readonly counted: CountedIds;
  }> {
    const known = await this.windows.ids.since(partition, done, this.time.forgottenBefore());
    const news = new Map<number, TelemetryFact>();
    for (const { id, fact } of placed) if (!known.has(id) && !news.has(id)) news.set(id, fact);
    return {
      facts: [...news.values()],
      again: placed.length - news.size,
      counted: { at: this.time.now().now, ids: [...news.keys()] },
    };
  }

  /** Seals what the clock says is over, of integrations whose telemetry was read to its end. */
  async sealByClock(partition: Partition, integrations: readonly string[]): Promise<void> {
    const sealed = await this.log.work.run(async () => {
      await this.windows.lock(partition);
      await this.windows.lockIntegrations(integrations);
      const before = await this.windows.load(integrations);
      const folded = sealByClock(before, this.time.now());
      if (folded.sealed.length === 0) return 0;
      await this.lockStreams(before.open);
      await this.write(partition, folded, 'clock');
      return folded.sealed.length;
    });
    count('kwanus.telemetry.windows', { outcome: 'sealed' }, sealed);
  }

  private async lockStreams(of: readonly (TelemetryFact | ReleaseWindow)[]): Promise<void> {
    await this.log.work.lockStreams([...new Set(of.map(windowStream))].sort());
  }

  private async write(partition: Partition, folded: Folded, cause: string): Promise<void> {
    const streams = [...new Set([...folded.sealed, ...folded.late].map(windowStream))].sort();
    const closed: SealedReference[] = [];
    for (const streamId of streams) {
      const request = windowAppend(folded, streamId, cause);
      if (request === null) continue;
      const { version } = await this.log.store.append(request);
      closed.push({ integrationId: request.routingKey, streamId, version, events: request.events.length });
    }
    await this.windows.save(partition, folded);
    for (const integrationId of new Set(closed.map((reference) => reference.integrationId)))
      await this.askForJudgement(closed.filter((reference) => reference.integrationId === integrationId));
  }

  private async askForJudgement(sealed: readonly SealedReference[]): Promise<void> {
    const identity = sealed.map(({ streamId, version }) => `${streamId}:${version}`).join();
    await this.log.jobs.enqueue({
      id: uuidv5(`judge ${identity}`),
      kind: JUDGE_WINDOWS,
      payload: { sealed: sealed.map((reference) => ({ ...reference })) },
    });
  }
}

interface Placed {
  readonly position: string;
  readonly id: number;
  readonly fact: TelemetryFact;
}
interface Refused {
  readonly position: string;
  readonly reason: string;
}

function read(batch: readonly ReceivedMessage[]): {
  readonly facts: readonly Placed[];
  readonly refused: readonly Refused[];
} {
  const facts: Placed[] = [];
  const refused: Refused[] = [];
  for (const message of batch) {
    const result = toFact(message);
    if (isUnreadable(result)) refused.push({ position: message.position, reason: result.unreadable });
    else facts.push({ position: message.position, id: idOf(message), fact: result });
  }
  return { facts, refused };
}

/** What a committed batch came to, as metrics. */
function measure({
  folded,
  reasons,
  facts,
}: {
  readonly folded: Folded;
  readonly reasons: Readonly<Record<string, number>>;
  readonly facts: number;
}): void {
  const late = folded.late.reduce((sum, { totals }) => sum + totals.observations, 0);
  const dropped = folded.refused.future + folded.refused['too-old'];
  count('kwanus.telemetry.messages', { outcome: 'counted' }, facts - late - dropped);
  count('kwanus.telemetry.messages', { outcome: 'late' }, late);
  for (const [outcome, amount] of Object.entries(reasons))
    count('kwanus.telemetry.messages', { outcome }, amount);
  count('kwanus.telemetry.windows', { outcome: 'sealed' }, folded.sealed.length);
  count('kwanus.telemetry.windows', { outcome: 'corrected' }, folded.late.length);
}

const integrationsOf = (facts: readonly Placed[]): readonly string[] => [
  ...new Set(facts.map(({ fact }) => fact.integration)),
];

function countReasons(refused: readonly Refused[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { reason } of refused) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}
