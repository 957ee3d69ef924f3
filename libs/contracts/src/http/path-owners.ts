import { OPERATIONS_PREFIX } from './operations.js';

/** The four services, in the order in which an integration meets them. */
export const SERVICES = ['intake', 'validation', 'rollout', 'monitoring'] as const;
export type OwningService = (typeof SERVICES)[number];

/** The documents of the API as a whole: every service answers with the same; a gateway asks intake. */
const DOCUMENTS = ['/openapi.json', '/asyncapi.json'];

const operationsOf = (service: OwningService): string => `${OPERATIONS_PREFIX}/${service}`;

/** Which service owns which path prefix. Gateways, and what is mounted in one process, follow this table and no other. */
export const PATH_OWNERS: Readonly<Record<OwningService, readonly string[]>> = {
  intake: [
    '/v1/integrations',
    '/v1/bodies',
    '/v1/artifacts',
    '/v1/playbooks',
    '/v1/stewardship',
    '/v1/stream',
    '/v1/audit',
    operationsOf('intake'),
    ...DOCUMENTS,
  ],
  validation: ['/v1/validations', '/v1/permissions', '/v1/compatibility', operationsOf('validation')],
  rollout: ['/v1/releases', '/v1/rollouts', '/ofrep', operationsOf('rollout')],
  monitoring: ['/v1/telemetry', '/otlp', '/v1/slos', '/v1/alerts', '/v1/usage', operationsOf('monitoring')],
};

/**
 * @param path without query
 * @returns the service that answers there; null where none does
 */
export function ownerOf(path: string): OwningService | null {
  const owns = (prefix: string): boolean => path === prefix || path.startsWith(`${prefix}/`);
  return SERVICES.find((service) => PATH_OWNERS[service].some(owns)) ?? null;
}
