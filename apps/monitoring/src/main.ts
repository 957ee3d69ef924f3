import { runService } from '@kwanus/service';
import { alertWebhookOf, MonitoringModule } from '@kwanus/service-monitoring';

// Start it with its telemetry loaded first: node --import @kwanus/telemetry/register apps/monitoring/dist/main.js
await runService({
  name: 'monitoring',
  module: (options, config) => MonitoringModule.register({ ...options, ...alertWebhookOf(config) }),
});
