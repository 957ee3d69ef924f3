import '@kwanus/telemetry/register';

// Only now what telemetry patches is loaded.
await import('./distributed-process.js');
