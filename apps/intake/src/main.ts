import '@kwanus/telemetry/register';

// Only now what telemetry patches is loaded.
const { runService } = await import('@kwanus/service');
const { IntakeModule } = await import('@kwanus/service-intake');
await runService({ name: 'intake', module: (options) => IntakeModule.register(options) });
