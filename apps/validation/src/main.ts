import '@kwanus/telemetry/register';

// Only now what telemetry patches is loaded.
const { runService } = await import('@kwanus/service');
const { ValidationModule, vulnerabilityDatabaseOf } = await import('@kwanus/service-validation');
await runService({
  name: 'validation',
  module: (options, config) => ValidationModule.register({ ...options, ...vulnerabilityDatabaseOf(config) }),
});
