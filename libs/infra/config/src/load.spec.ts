import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigurationRefused, loadConfiguration, type ProcessKind } from './index.js';

const problemsOf = (kind: ProcessKind, environment: Record<string, string>): readonly string[] => {
  try {
    loadConfiguration(kind, environment);
  } catch (error) {
    if (error instanceof ConfigurationRefused) return error.problems;
    throw error;
  }
  return [];
};

describe('the configuration', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'kwanus-config-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('holds without a single variable on the platform', () => {
    const { config } = loadConfiguration('platform', {});
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 4180,
      dataFolder: '.kwanus',
      playbook: '1.0',
      production: false,
    });
    expect(config.databaseUrl).toBeUndefined();
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('reads every form', () => {
    const { config } = loadConfiguration('platform', {
      KWANUS_PORT: '0',
      KWANUS_ALLOWED_HOSTS: 'a.example, b.example',
      KWANUS_AUTH_ALGORITHMS: 'EdDSA,ES256',
      KWANUS_CURSOR_KEY: Buffer.alloc(32, 7).toString('base64'),
      NODE_ENV: 'production',
    });
    expect(config.port).toBe(0);
    expect(config.allowedHosts).toEqual(['a.example', 'b.example']);
    expect(config.authAlgorithms).toEqual(['EdDSA', 'ES256']);
    expect(Buffer.from(config.cursorKey ?? [])).toEqual(Buffer.alloc(32, 7));
    expect(config.production).toBe(true);
  });

  it('lists all problems together, each with name, shape and example', () => {
    const problems = problemsOf('service', {
      KWANUS_PORT: '70000',
      KWANUS_LOG_LEVEL: 'loud',
      KWANUS_PROT: '4180',
      KWANUS_AUTH_ISSUER: 'https://login.example.com',
    });
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^KWANUS_PROT is not known/),
        expect.stringMatching(
          /^KWANUS_PORT is more than 65535\. It takes a port, 0 to 65535, for example 4180$/,
        ),
        expect.stringMatching(/^KWANUS_LOG_LEVEL is no log level\. It takes one of .*, for example info$/),
        expect.stringMatching(/^KWANUS_DATABASE_URL is not set\. It takes a PostgreSQL URL/),
        expect.stringMatching(/^KWANUS_AUTH_ISSUER and KWANUS_AUTH_JWKS_URL go together/),
      ]),
    );
    expect(problems).toHaveLength(5);
  });

  it('wants the address of a webhook and its key together', () => {
    const url = { KWANUS_ALERT_WEBHOOK_URL: 'https://pager.example.com/kwanus' };
    const key = { KWANUS_ALERT_WEBHOOK_SECRET: 'of-this-spec-only' };
    const together = [
      expect.stringMatching(/^KWANUS_ALERT_WEBHOOK_URL and KWANUS_ALERT_WEBHOOK_SECRET go together/),
    ];
    expect(problemsOf('platform', url)).toEqual(together);
    expect(problemsOf('platform', key)).toEqual(together);
    expect(problemsOf('platform', { ...url, ...key })).toEqual([]);
    expect(problemsOf('platform', { ...url, KWANUS_ALERT_WEBHOOK_SECRET: 'short' })).toContainEqual(
      expect.stringMatching(/^KWANUS_ALERT_WEBHOOK_SECRET has fewer than 16 characters/),
    );
  });

  it.each(['none', 'HS256', 'EdDSA,HS256'])('takes no algorithm %s for tokens', (algorithms) => {
    expect(problemsOf('platform', { KWANUS_AUTH_ALGORITHMS: algorithms })).toHaveLength(1);
  });

  it('takes what another process of ours reads for known', () => {
    expect(problemsOf('platform', { KWANUS_TOKEN: 'x.y.z', KWANUS_TEST_PG_URL: 'x', OTHER: 'x' })).toEqual(
      [],
    );
  });

  it('reads the way to Apache Kafka, and what does not go together', () => {
    const broker = { KWANUS_KAFKA_BROKERS: 'one.example:9092,[::1]:9093' };
    const service = (more: Record<string, string>) => ({
      KWANUS_DATABASE_URL: 'postgresql://kwanus@127.0.0.1/kwanus',
      ...more,
    });
    const { config } = loadConfiguration(
      'service',
      service({ ...broker, KWANUS_KAFKA_TLS: 'true', KWANUS_KAFKA_CA_FILE: '/ca.pem' }),
    );
    expect(config).toMatchObject({
      kafkaBrokers: ['one.example:9092', '[::1]:9093'],
      kafkaTls: true,
      kafkaCaFile: '/ca.pem',
    });
    for (const [more, problem] of [
      [{ KWANUS_KAFKA_BROKERS: 'one.example' }, /KWANUS_KAFKA_BROKERS is not host:port/],
      [
        { ...broker, KWANUS_KAFKA_USERNAME: 'x' },
        /KWANUS_KAFKA_USERNAME and KWANUS_KAFKA_PASSWORD go together/,
      ],
      [{ ...broker, KWANUS_KAFKA_CA_FILE: '/ca.pem' }, /of use only with KWANUS_KAFKA_TLS=true/],
      [{ ...broker, KWANUS_KAFKA_TLS: 'yes' }, /KWANUS_KAFKA_TLS is neither true nor false/],
      [{ KWANUS_KAFKA_TLS: 'true' }, /KWANUS_KAFKA_BROKERS is not set/],
      [{ ...broker, KWANUS_BUS_URL: 'postgresql://x@127.0.0.1/y' }, /name two transports/],
    ] as const)
      expect(problemsOf('service', service(more))).toEqual([expect.stringMatching(problem)]);
  });

  it('takes an empty value for none', () => {
    expect(loadConfiguration('platform', { KWANUS_PORT: '' }).config.port).toBe(4180);
  });

  it('reads a secret from a file, and not from both places', () => {
    const file = join(folder, 'url');
    writeFileSync(file, 'postgresql://kwanus:p4ssw0rd@127.0.0.1/kwanus\n');
    const { config } = loadConfiguration('platform', { KWANUS_DATABASE_URL_FILE: file });
    expect(config.databaseUrl).toBe('postgresql://kwanus:p4ssw0rd@127.0.0.1/kwanus');
    expect(
      problemsOf('platform', {
        KWANUS_DATABASE_URL_FILE: file,
        KWANUS_DATABASE_URL: 'postgresql://x@127.0.0.1/y',
      }),
    ).toEqual([expect.stringContaining('both set')]);
    expect(problemsOf('platform', { KWANUS_DATABASE_URL_FILE: join(folder, 'none') })).toEqual([
      expect.stringContaining('can’t be read'),
    ]);
    expect(problemsOf('platform', { KWANUS_PORT_FILE: file })).toEqual([
      expect.stringContaining('not known'),
    ]);
  });

  it('prints no secret: not in problems, not through redact', () => {
    const url = 'postgresql://kwanus:canary%21secret@127.0.0.1/kwanus';
    const { redact } = loadConfiguration('platform', { KWANUS_DATABASE_URL: url });
    expect(redact(`failed: ${url} with canary!secret or canary%21secret`)).toBe(
      'failed: [redacted] with [redacted] or [redacted]',
    );
    expect(
      problemsOf('platform', { KWANUS_DATABASE_URL: 'mysql://kwanus:canary@127.0.0.1' }).join(),
    ).not.toContain('canary');
  });
});
