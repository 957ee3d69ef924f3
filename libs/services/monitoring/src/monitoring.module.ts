import { loadPlaybook } from '@kwanus/playbook';
import { type DynamicModule, Module } from '@nestjs/common';
import { type MonitoringOptions, monitoringParts } from './monitoring-parts.js';
import { MonitoringRules } from './monitoring-rules.js';

/** The monitoring service: telemetry in, sealed windows, verdicts, alerts, usage. */
@Module({})
export class MonitoringModule {
  static register(options: MonitoringOptions): DynamicModule {
    const rules = new MonitoringRules(loadPlaybook(options.playbookVersion));
    return { module: MonitoringModule, ...monitoringParts(options, rules) };
  }
}
