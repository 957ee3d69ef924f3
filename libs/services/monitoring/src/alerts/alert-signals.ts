import { uuidv5 } from '@kwanus/canonical';
import {
  type AlertCondition,
  alert,
  burnConditions,
  isProbing,
  judgeGate,
  judgePermissions,
  type PermissionUsage,
  permissionConditions,
  type SignalSeries,
  type Watched,
} from '@kwanus/domain-monitoring';
import type { JsonObject } from '@kwanus/kernel';
import { Injectable } from '@nestjs/common';
import { MonitoringRules } from '../monitoring-rules.js';
import { becauseOf, MonitoringStreams } from '../monitoring-streams.js';

/** Which release it is about, and the event that made monitoring look. */
export interface AlertSubject {
  readonly integrationId: string;
  readonly release: string;
  /** Event id in the telemetry log. */
  readonly cause: string;
}

/** Raises and resolves alerts: one stream per release, signal and severity. */
@Injectable()
export class AlertSignals {
  constructor(
    private readonly streams: MonitoringStreams,
    private readonly rules: MonitoringRules,
  ) {}

  /** Raises and resolves what the burn rules say of the release. */
  async ofBurn(subject: AlertSubject, series: readonly SignalSeries[], watched: Watched): Promise<void> {
    const evidence = { series, permissions: judgePermissions([], null), silentWindows: 0 };
    const { signals } = judgeGate(evidence, watched, this.rules.monitoring);
    for (const condition of burnConditions(signals))
      await this.apply(subject, condition, { burn: condition.burn });
  }

  /** Raises what the window's use of permissions calls for; only a person resolves it. */
  async ofPermissions(subject: AlertSubject, usage: PermissionUsage): Promise<void> {
    const { monitoring } = this.rules;
    const { outOfScopeBy, bypassedBy } = usage;
    const probing = isProbing(usage, monitoring);
    for (const condition of permissionConditions(usage, monitoring))
      await this.apply(subject, condition, { outOfScope: outOfScopeBy, bypassed: bypassedBy, probing });
  }

  private async apply(subject: AlertSubject, condition: AlertCondition, numbers: object): Promise<void> {
    if (condition.becomes === 'unknown') return;
    const { integrationId, release, cause } = subject;
    const { severity, signal, reason } = condition;
    const alertId = alertIdOf(subject, condition);
    const command =
      condition.becomes === 'raise'
        ? {
            type: 'RaiseAlert' as const,
            integrationId,
            release,
            alertId,
            severity,
            signal,
            reason,
            numbers: plain(numbers),
          }
        : { type: 'ResolveAlert' as const, reason };
    await this.streams.handle({
      decider: alert,
      streamId: alertStream(alertId),
      routingKey: integrationId,
      command,
      metadata: becauseOf(`${condition.becomes} ${alertId} ${cause}`, cause),
    });
  }
}

/** @returns the stream of an alert */
export const alertStream = (alertId: string): string => `alert-${alertId}`;

/** @returns the alert's id: the same for the same release, signal and severity */
export const alertIdOf = (
  { integrationId, release }: Pick<AlertSubject, 'integrationId' | 'release'>,
  { signal, severity }: Pick<AlertCondition, 'signal' | 'severity'>,
): string => uuidv5(`alert ${integrationId} ${release} ${severity} ${signal}`);

const plain = (value: object): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject;
