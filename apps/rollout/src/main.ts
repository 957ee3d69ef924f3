import '@kwanus/telemetry/register';

// Only now what telemetry patches is loaded.
const { runService } = await import('@kwanus/service');
const { RolloutModule } = await import('@kwanus/service-rollout');
await runService({ name: 'rollout', module: (options) => RolloutModule.register(options) });
