export { type AlertWebhook, alertWebhookOf } from './alerts/deliver-alert.job.js';
export { MonitoringModule } from './monitoring.module.js';
export type { MonitoringOptions } from './monitoring-parts.js';
