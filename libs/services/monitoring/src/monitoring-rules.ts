import { milliseconds, type WindowRules } from '@kwanus/domain-monitoring';
import type { MonitoringRule, Playbook } from '@kwanus/domain-playbook';

/** How long sealed windows are kept for sums; no objective may look back further. */
export const HORIZON_MS = 92 * 86_400_000;

/** The playbook as monitoring uses it. */
export class MonitoringRules {
  readonly monitoring: MonitoringRule;
  readonly windows: WindowRules;
  readonly playbookVersion: string;

  constructor({ monitoring, version }: Pick<Playbook, 'monitoring' | 'version'>) {
    this.monitoring = monitoring;
    this.playbookVersion = version;
    this.windows = {
      windowMs: milliseconds(monitoring.window),
      watermarkMs: milliseconds(monitoring.watermark),
      horizonMs: HORIZON_MS,
    };
  }
}
