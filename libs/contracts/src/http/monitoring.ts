/** The path prefix under which the monitoring service answers. */
export const MONITORING_PREFIX = '/v1';
