import { runService } from '@kwanus/service';
import { RolloutModule } from '@kwanus/service-rollout';

// Start it with its telemetry loaded first: node --import @kwanus/telemetry/register apps/rollout/dist/main.js
await runService({ name: 'rollout', module: (options) => RolloutModule.register(options) });
