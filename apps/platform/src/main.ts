import '@kwanus/telemetry/register';

// Only now what telemetry patches is loaded.
await import('./platform-process.js');
