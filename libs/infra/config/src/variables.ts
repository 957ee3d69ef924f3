import { z } from 'zod';
import { alerts } from './alert-variables.js';
import { databaseUrl, furtherDatabases } from './database-variables.js';
import { upstreams } from './gateway-variables.js';
import { kafka } from './kafka-variables.js';
import { forms, optional, secret, withDefault } from './variable.js';
import { vulnerabilities } from './vulnerability-variables.js';

const host = withDefault(
  'KWANUS_HOST',
  {
    description: 'Address to listen on. Anything but loopback needs a real issuer (KWANUS_AUTH_ISSUER).',
    shape: 'an IP address or a host name',
    example: '127.0.0.1',
    default: '127.0.0.1',
  },
  z.string().regex(/^[A-Za-z0-9.:-]{1,253}$/, 'is not an address'),
);
const port = withDefault(
  'KWANUS_PORT',
  {
    description: 'Port to listen on; 0 takes a free one.',
    shape: 'a port, 0 to 65535',
    example: '4180',
    default: '4180',
  },
  forms.whole(0, 65_535),
);
const allowedHosts = optional(
  'KWANUS_ALLOWED_HOSTS',
  {
    description:
      'Further names under which the listener is reached (the Host header), for example behind a gateway.',
    shape: 'host names with commas between them',
    example: 'kwanus.example.com,intake.internal',
    whenUnset: 'loopback names and KWANUS_HOST only',
  },
  forms.listOf(z.string().regex(/^[A-Za-z0-9.-]{1,253}$/, 'is not a host name')),
);
const allowedOrigins = optional(
  'KWANUS_ALLOWED_ORIGINS',
  {
    description: 'Origins whose pages may send requests. No CORS headers are sent in any case.',
    shape: 'origins with commas between them',
    example: 'https://console.example.com',
    whenUnset: 'the listener’s own only',
  },
  forms.listOf(forms.url('http:', 'https:')),
);

const listener = {
  host,
  port,
  allowedHosts,
  allowedOrigins,
  maxConcurrentRequests: withDefault(
    'KWANUS_MAX_CONCURRENT_REQUESTS',
    {
      description: 'Requests worked on at once; more are answered with 503 and Retry-After.',
      shape: 'a whole number, 1 to 10000',
      example: '200',
      default: '200',
    },
    forms.whole(1, 10_000),
  ),
  requestTimeoutMs: withDefault(
    'KWANUS_REQUEST_TIMEOUT_MS',
    {
      description: 'How long a request may take to arrive whole.',
      shape: 'milliseconds, 1000 to 600000',
      example: '30000',
      default: '30000',
    },
    forms.whole(1_000, 600_000),
  ),
};

const identity = {
  identitiesFile: withDefault(
    'KWANUS_IDENTITIES',
    {
      description: 'The file with people, roles and first seats.',
      shape: 'a path',
      example: '/etc/kwanus/identities.yaml',
      default: 'identities.yaml',
    },
    z.string().min(1),
  ),
  authIssuer: optional(
    'KWANUS_AUTH_ISSUER',
    {
      description:
        'The OpenID Connect issuer whose tokens are taken. Without it the development issuer is used.',
      shape: 'an https URL (http on loopback)',
      example: 'https://login.example.com/realms/kwanus',
      whenUnset: 'the development issuer, on loopback and outside production only',
    },
    forms.url('https:', 'http:'),
  ),
  authJwksUrl: optional(
    'KWANUS_AUTH_JWKS_URL',
    {
      description: 'Where the issuer’s public keys are.',
      shape: 'an https URL (http on loopback)',
      example: 'https://login.example.com/realms/kwanus/certs',
      whenUnset: 'required together with KWANUS_AUTH_ISSUER',
    },
    forms.url('https:', 'http:'),
  ),
  authAudience: withDefault(
    'KWANUS_AUTH_AUDIENCE',
    {
      description: 'What `aud` of a token must name.',
      shape: 'a text',
      example: 'kwanus',
      default: 'kwanus',
    },
    z.string().min(1),
  ),
  authAlgorithms: withDefault(
    'KWANUS_AUTH_ALGORITHMS',
    {
      description: 'Signature algorithms that are taken. Never symmetric ones, never `none`.',
      shape: 'some of EdDSA, ES256, ES384, PS256, RS256, with commas between them',
      example: 'EdDSA,ES256',
      default: 'EdDSA,ES256,PS256,RS256',
    },
    forms.listOf(z.enum(['EdDSA', 'Ed25519', 'ES256', 'ES384', 'PS256', 'RS256'])),
  ),
};

const work = {
  playbook: withDefault(
    'KWANUS_PLAYBOOK',
    {
      description: 'Version of the playbook that new integrations are pinned to.',
      shape: '`1.0` or `1.0-demo`',
      example: '1.0',
      default: '1.0',
    },
    z.enum(['1.0', '1.0-demo'], 'is neither 1.0 nor 1.0-demo'),
  ),
  jobConcurrency: withDefault(
    'KWANUS_JOBS',
    {
      description: 'Jobs that a service works on at once.',
      shape: 'a whole number, 1 to 64',
      example: '2',
      default: '2',
    },
    forms.whole(1, 64),
  ),
  cursorKey: secret(
    optional(
      'KWANUS_CURSOR_KEY',
      {
        description: 'Makes page cursors unforgeable; the same on every instance of a service.',
        shape: 'base64 of at least 32 bytes',
        example: 'openssl rand -base64 32',
        whenUnset:
          'made at the first start and kept in the data folder (platform), or made anew at each start (a service alone)',
      },
      z
        .string()
        .refine((text) => Buffer.from(text, 'base64').length >= 32, 'holds fewer than 32 bytes')
        .transform((text): Uint8Array => Buffer.from(text, 'base64')),
    ),
  ),
};

const logging = {
  logLevel: withDefault(
    'KWANUS_LOG_LEVEL',
    {
      description: 'How much is logged.',
      shape: 'one of fatal, error, warn, info, debug, trace, silent',
      example: 'info',
      default: 'info',
    },
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'is no log level'),
  ),
  logFormat: withDefault(
    'KWANUS_LOG_FORMAT',
    {
      description: 'JSON lines, or lines for people; `auto` takes JSON when the output is not a terminal.',
      shape: 'one of auto, json, text',
      example: 'auto',
      default: 'auto',
    },
    z.enum(['auto', 'json', 'text'], 'is none of auto, json, text'),
  ),
};

const dataFolder = withDefault(
  'KWANUS_DATA_DIR',
  {
    description:
      'The data folder: embedded database, key of the development issuer, login of the command line.',
    shape: 'a path',
    example: '/var/lib/kwanus',
    default: '.kwanus',
  },
  z.string().min(1),
);

/** What each kind of process reads. */
export const PROCESSES = {
  /** All four services in one process. */
  platform: {
    ...listener,
    ...identity,
    dataFolder,
    databaseUrl: databaseUrl.optional,
    ...furtherDatabases,
    ...kafka,
    ...work,
    ...alerts,
    ...vulnerabilities,
    ...logging,
  },
  /** One service alone. */
  service: {
    ...listener,
    ...identity,
    dataFolder,
    databaseUrl: databaseUrl.required,
    ...furtherDatabases,
    ...kafka,
    ...work,
    ...alerts,
    ...vulnerabilities,
    ...logging,
  },
  /** The one origin in front of four services. */
  gateway: { ...listener, authIssuer: identity.authIssuer, ...upstreams, ...logging },
  /** Four services, gateway, broker and database as processes of one machine. */
  distributed: {
    dataFolder,
    identitiesFile: identity.identitiesFile,
    port,
    playbook: work.playbook,
    instances: withDefault(
      'KWANUS_INSTANCES',
      {
        description: 'Processes of each service. They share requests, messages and jobs.',
        shape: 'a whole number, 1 to 8',
        example: '2',
        default: '1',
      },
      forms.whole(1, 8),
    ),
    ...logging,
  },
  /** The command line. */
  cli: {
    dataFolder,
    identitiesFile: identity.identitiesFile,
    url: optional(
      'KWANUS_URL',
      {
        description: 'Where the platform answers.',
        shape: 'an http or https URL',
        example: 'https://kwanus.example.com',
        whenUnset: 'where the login was made; at login `http://127.0.0.1:4180`',
      },
      forms.url('http:', 'https:'),
    ),
    token: secret(
      optional(
        'KWANUS_TOKEN',
        {
          description: 'A bearer token, for CI.',
          shape: 'a JWT',
          example: 'eyJhbGciOi…',
          whenUnset: 'the login of the data folder',
        },
        z.string().min(1).max(8_192),
      ),
    ),
    ...vulnerabilities,
  },
} as const;

/** Names that other programs of ours read; known, so that they stop no start. */
export const READ_ELSEWHERE: Readonly<Record<string, string>> = {
  KWANUS_TEST_PG_URL: 'the PostgreSQL of a test run',
  KWANUS_TEST_BROKER: 'the Apache Kafka of a test run',
};
