import { runService } from '@kwanus/service';
import { IntakeModule } from '@kwanus/service-intake';

// Start it with its telemetry loaded first: node --import @kwanus/telemetry/register apps/intake/dist/main.js
await runService({ name: 'intake', module: (options) => IntakeModule.register(options) });
