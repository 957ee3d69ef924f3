import { register } from 'node:module';

// Loaded with `node --import @kwanus/telemetry/register`, before anything that is instrumented: under ESM only a loader hook can
// patch what is imported. The list keeps the start short.
register('@opentelemetry/instrumentation/hook.mjs', import.meta.url, {
  data: { include: ['http', 'https', 'node:http', 'node:https', 'pg', 'pg-pool', 'kafkajs'] },
});
const { startTelemetry } = await import('./start.js');
const telemetry = startTelemetry();
process.once('beforeExit', () => void telemetry?.stop());
