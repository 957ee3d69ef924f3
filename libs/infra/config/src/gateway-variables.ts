import { forms, required, withDefault } from './variable.js';

const SERVICES = { intake: 4181, validation: 4182, rollout: 4183, monitoring: 4184 } as const;

const upstream = (service: keyof typeof SERVICES) =>
  required(
    `KWANUS_UPSTREAM_${service.toUpperCase()}`,
    {
      description: `Where the gateway finds the processes of ${service}, which share its requests; one that can’t be reached is passed over.`,
      shape: 'one or more http URLs without a path, with commas between them',
      example: `http://127.0.0.1:${SERVICES[service]}`,
    },
    forms.listOf(forms.url('http:').refine((text) => new URL(text).pathname === '/', 'has a path')),
  );

/** Where a gateway sends what comes in, and how long it waits. */
export const upstreams = {
  upstreamIntake: upstream('intake'),
  upstreamValidation: upstream('validation'),
  upstreamRollout: upstream('rollout'),
  upstreamMonitoring: upstream('monitoring'),
  upstreamTimeoutMs: withDefault(
    'KWANUS_UPSTREAM_TIMEOUT_MS',
    {
      description: 'How long a service may be silent before the gateway gives up on its answer.',
      shape: 'milliseconds, 1000 to 600000',
      example: '60000',
      default: '60000',
    },
    forms.whole(1_000, 600_000),
  ),
};
