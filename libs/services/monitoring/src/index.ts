export type { AlertWebhook } from './alerts/deliver-alert.job.js';
export { MonitoringModule, type MonitoringOptions } from './monitoring.module.js';
