import {
  isFinal,
  isOver,
  type LifecycleKind,
  type RollbackCode,
  type RolloutCommand,
  type RolloutRequest,
  refusalByRegister,
} from '@kwanus/domain-rollout';
import { type CommandMetadata, UnitOfWork } from '@kwanus/event-store';
import type { Clock, Timestamp } from '@kwanus/kernel';
import { CLOCK } from '@kwanus/service';
import { Inject, Injectable } from '@nestjs/common';
import { Playbooks } from './playbooks.js';
import { ReleaseStreams, RolloutStreams, releasesStream, rolloutStream } from './rollout-streams.js';

/** A rollout and the integration that it belongs to. */
export interface RolloutOf {
  readonly integrationId: string;
  readonly rolloutId: string;
}

/** Something that happened to a release, or (release null) to the whole integration. */
export interface Lifecycle {
  readonly integrationId: string;
  readonly release: string | null;
  readonly kind: LifecycleKind;
  readonly reason: string;
}

/** Which of them end a running rollout, and why it says it went back. */
const ENDS: Partial<Record<LifecycleKind, RollbackCode>> = {
  'release-withdrawn': 'release-withdrawn',
  'integration-suspended': 'integration-suspended',
  'integration-retired': 'integration-retired',
};

/** A complete rollout is taken back for these; the flag of a suspended or retired integration is off as it is. */
const TAKES_BACK: ReadonlySet<LifecycleKind> = new Set(['release-withdrawn']);

/** Clocks of two services may differ; what answers to something never precedes it. */
export const earlier = (said: Timestamp, now: Timestamp): Timestamp =>
  Date.parse(said) < Date.parse(now) ? said : now;

/** Takes facts to the streams that they concern. Every method is called inside a unit of work, with a command id of its cause. */
@Injectable()
export class RolloutDesk {
  constructor(
    private readonly rollouts: RolloutStreams,
    private readonly releases: ReleaseStreams,
    private readonly work: UnitOfWork,
    private readonly playbooks: Playbooks,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @returns the present moment as it goes into commands */
  now(): Timestamp {
    return new Date(this.clock.now()).toISOString();
  }

  /** Plans or refuses; what was still under way for the integration is superseded. */
  async open(request: RolloutRequest, metadata: CommandMetadata): Promise<void> {
    const { integrationId, rolloutId } = request;
    const register = await this.releases.load(releasesStream(integrationId));
    const { current } = register.state;
    const before = current === null || current.rolloutId === rolloutId ? null : current.rolloutId;
    await this.work.lockStreams([
      releasesStream(integrationId),
      rolloutStream(rolloutId),
      ...(before === null ? [] : [rolloutStream(before)]),
    ]);
    const at = this.now();
    const refusal = refusalByRegister(register.state, request);
    await this.tell({ integrationId, rolloutId }, { type: 'PlanRollout', request, refusal, at }, metadata);
    const { state } = await this.rollouts.load(rolloutStream(rolloutId));
    if (state.status === 'refused') return;
    await this.releases.handle({
      streamId: releasesStream(integrationId),
      routingKey: integrationId,
      command: { type: 'OpenRollout', request, at },
      context: undefined,
      metadata,
    });
    if (before !== null)
      await this.tell(
        { integrationId, rolloutId: before },
        { type: 'Supersede', by: rolloutId, at },
        metadata,
      );
  }

  /** Notes what happened outside the rollout, and rolls back what may not be exposed any longer. */
  async note(lifecycle: Lifecycle, saidAt: Timestamp, metadata: CommandMetadata): Promise<void> {
    const { integrationId, release, kind, reason } = lifecycle;
    const { state } = await this.releases.load(releasesStream(integrationId));
    const { current } = state;
    const code = ENDS[kind];
    const concerned = current !== null && (release === null || release === current.release);
    const streams = [releasesStream(integrationId)];
    await this.work.lockStreams(concerned ? [...streams, rolloutStream(current.rolloutId)] : streams);
    const at = this.now();
    await this.releases.handle({
      streamId: releasesStream(integrationId),
      routingKey: integrationId,
      command: { type: 'NoteLifecycle', ...lifecycle, at },
      context: undefined,
      metadata,
    });
    if (code === undefined || !concerned) return;
    const { rolloutId } = current;
    const { state: rollout } = await this.rollouts.load(rolloutStream(rolloutId));
    if (TAKES_BACK.has(kind) ? isFinal(rollout) : isOver(rollout)) return;
    const triggeredAt = earlier(saidAt, at);
    await this.tell(
      { integrationId, rolloutId },
      { type: 'RollBack', code, reason, triggeredAt, at },
      metadata,
    );
  }

  /** @returns the rollout that a release is under; null: none is, or it is complete, and intake decides */
  async inCharge(integrationId: string, release: string): Promise<RolloutOf | null> {
    const { current } = (await this.releases.load(releasesStream(integrationId))).state;
    if (current?.release !== release) return null;
    const { rolloutId } = current;
    const { state } = await this.rollouts.load(rolloutStream(rolloutId));
    return isOver(state) ? null : { integrationId, rolloutId };
  }

  /** Takes one command to one rollout; what the rules refuse is kept there as a late fact. */
  async tell(
    { integrationId, rolloutId }: RolloutOf,
    command: RolloutCommand,
    metadata: CommandMetadata,
  ): Promise<void> {
    await this.rollouts.handle({
      streamId: rolloutStream(rolloutId),
      routingKey: integrationId,
      command,
      context: ({ state }) => ({
        playbook: this.playbooks.of(state.planned?.plan.playbookVersion ?? metadata.playbookVersion),
      }),
      metadata,
    });
  }
}
