import '@kwanus/telemetry/register';

// Only now what telemetry patches is loaded.
const { runService } = await import('@kwanus/service');
const { alertWebhookOf, MonitoringModule } = await import('@kwanus/service-monitoring');
await runService({
  name: 'monitoring',
  module: (options, config) => MonitoringModule.register({ ...options, ...alertWebhookOf(config) }),
});
