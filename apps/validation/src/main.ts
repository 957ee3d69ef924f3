import { runService } from '@kwanus/service';
import { ValidationModule, vulnerabilityDatabaseOf } from '@kwanus/service-validation';

// Start it with its telemetry loaded first: node --import @kwanus/telemetry/register apps/validation/dist/main.js
await runService({
  name: 'validation',
  module: (options, config) => ValidationModule.register({ ...options, ...vulnerabilityDatabaseOf(config) }),
});
