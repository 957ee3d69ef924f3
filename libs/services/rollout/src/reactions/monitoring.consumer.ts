import { monitoringMessages, TOPICS } from '@kwanus/contracts';
import type { BurnEvidence, Evidence } from '@kwanus/domain-rollout';
import type { ConsumerDefinition, IntegrationMessage } from '@kwanus/messaging';
import type { z } from 'zod';
import { earlier, type RolloutDesk } from '../rollout-desk.js';

const { GateVerdict, PermissionViolated } = monitoringMessages;

/** Monitoring's verdicts are the evidence that rollouts decide by. */
export const monitoringConsumer = (desk: RolloutDesk): ConsumerDefinition => ({
  name: 'rollout.monitoring',
  topic: TOPICS.monitoring.name,
  source: TOPICS.monitoring.owner,
  handlers: {
    'kwanus.monitoring.gate-verdict.v1': (message, { metadata }) => {
      const data = GateVerdict.parse(message.data);
      const at = desk.now();
      const evidence = evidenceOf(data, message);
      return desk.tell(
        data,
        { type: 'RecordEvidence', evidence, saidAt: earlier(message.time, at), at },
        metadata,
      );
    },
    'kwanus.monitoring.permission-violated.v1': async (message, { metadata }) => {
      const { integrationId, release, kind, permission, count } = PermissionViolated.parse(message.data);
      const current = await desk.inCharge(integrationId, release);
      if (kind !== 'bypassed' || current === null) return;
      const at = desk.now();
      const reason = `permission ${permission} was used ${count} × without a grant`;
      const triggeredAt = earlier(message.time, at);
      await desk.tell(
        current,
        { type: 'RollBack', code: 'permission-bypassed', reason, triggeredAt, at },
        metadata,
      );
    },
  },
});

function evidenceOf(data: z.infer<typeof GateVerdict>, message: IntegrationMessage): Evidence {
  const { window, silentWindows, verdict, reasons } = data;
  const { used, denied, outOfScope, bypassed, judged } = data.permissions;
  return {
    source: { eventId: message.id, streamId: message.streamId, streamVersion: message.streamVersion },
    window,
    signals: data.signals.map(({ burn, ...signal }) => ({
      ...signal,
      burn: burn.filter(({ firing, severity }) => firing || severity === 'page').map(burnOf),
    })),
    permissions: { used, denied, outOfScope, bypassed, judged },
    silentWindows,
    verdict,
    reasons,
  };
}

const burnOf = ({
  rule,
  severity,
  factor,
  long,
  short,
  failuresLong,
  requestsLong,
  firing,
}: BurnEvidence): BurnEvidence => ({
  rule,
  severity,
  factor,
  long,
  short,
  failuresLong,
  requestsLong,
  firing,
});
