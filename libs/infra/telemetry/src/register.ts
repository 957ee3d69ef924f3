import { createRequire, syncBuiltinESMExports } from 'node:module';

// Imported by the main program of an app, before anything that is instrumented. That is built in or CommonJS: it is
// patched where it stands when it is first required, and whoever imports it later gets the same object. A loader hook, which
// modules written as ESM would need, takes a thread and doubles the time of every start.
const INSTRUMENTED = ['node:http', 'node:https', 'pg'];
const { startTelemetry } = await import('./start.js');
const telemetry = startTelemetry();
const require = createRequire(import.meta.url);
for (const module of INSTRUMENTED) require(module);
syncBuiltinESMExports();
process.once('beforeExit', () => void telemetry?.stop());
