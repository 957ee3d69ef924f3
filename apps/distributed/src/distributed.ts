import { join, resolve } from 'node:path';
import { type Configuration, inheritedEnvironment } from '@kwanus/config';
import { SERVICES } from '@kwanus/contracts';
import { freePort, openEmbeddedDatabase } from '@kwanus/database';
import type { LoggerService } from '@nestjs/common';
import { Child } from './child.js';
import { environmentFrom, ROOT } from './environment.js';
import { provision } from './provision.js';
import { makeSecrets } from './secrets.js';

/** What runs. */
export interface Distributed {
  /** The gateway's. */
  readonly address: string;
  readonly stop: () => Promise<void>;
}

/** Where things happen that are told. */
export interface DistributedSurroundings {
  readonly logger: LoggerService;
  /** One line of a process's standard error. */
  readonly onLine: (line: string) => void;
  /** Called when something that is needed can't be brought back. */
  readonly onLost: (error: unknown) => void;
  /** Beside what the environment files say, for every service: for tests. */
  readonly environment?: Readonly<Record<string, string>>;
}

const BROKER = join(ROOT, 'dist', 'broker.js');
/** Of this process's environment, what its children are given too. */
const INHERITED = /^(PATH|HOME|LANG|TZ|JAVA_HOME|NODE_EXTRA_CA_CERTS|OTEL_.*)$/;

/**
 * Starts everything on this machine, from the environment files that compose uses: PostgreSQL with databases and roles,
 * Apache Kafka where KAFKA_BROKERS names none, four services, the gateway.
 * @throws DatabaseUnusable, ChildNotStarted
 */
export async function startDistributed(
  config: Configuration<'distributed'>,
  surroundings: DistributedSurroundings,
): Promise<Distributed> {
  const parts = new Parts(config, surroundings);
  try {
    return { address: await parts.start(), stop: () => parts.stop() };
  } catch (error) {
    await parts.stop();
    throw error;
  }
}

interface Services {
  readonly services: Child[];
  /** Where the gateway finds them: variable by name. */
  readonly upstreams: Readonly<Record<string, string>>;
}

/** What has been started, in the order in which it has to be stopped. */
class Parts {
  private readonly folder: string;
  private readonly running: (() => Promise<void>)[] = [];

  constructor(
    private readonly config: Configuration<'distributed'>,
    private readonly surroundings: DistributedSurroundings,
  ) {
    this.folder = join(resolve(config.dataFolder), 'distributed');
  }

  async start(): Promise<string> {
    const [postgres, brokers] = await Promise.all([this.database(), this.brokers()]);
    const place = this.place(postgres, brokers);
    const { services, upstreams } = await this.services(place);
    this.running.unshift(async () => void (await Promise.all(services.map((service) => service.stop()))));
    await Promise.all(services.map((service) => service.start()));
    this.say('The four services answer.');
    const gateway = this.child('gateway', { ...environmentFrom(['gateway'], place), ...upstreams });
    this.running.unshift(() => gateway.stop());
    return gateway.start();
  }

  async stop(): Promise<void> {
    for (const stop of this.running.splice(0)) await stop();
  }

  private say(message: string): void {
    this.surroundings.logger.log(message, 'distributed');
  }

  /** @returns `host:port` of the server, with databases, roles and secrets made */
  private async database(): Promise<string> {
    const { logger, onLost } = this.surroundings;
    const database = await openEmbeddedDatabase({
      folder: join(this.folder, 'database'),
      hostPort: this.config.port,
      onNews: ({ kind, message }) => {
        logger.log(message, 'database');
        if (kind === 'lost') onLost(new Error(message));
      },
    });
    this.running.push(database.close);
    const { host } = new URL(database.url);
    makeSecrets(join(this.folder, 'secrets'), host);
    await provision(database.url, join(this.folder, 'secrets'));
    this.say('Each service has a database and roles of its own.');
    return host;
  }

  private async brokers(): Promise<string> {
    const named = inheritedEnvironment({})['KAFKA_BROKERS'];
    if (named !== undefined && named !== '') {
      this.say(`Messages go through the Apache Kafka at ${named}.`);
      return named;
    }
    this.say('Apache Kafka starts; the first time Maven fetches it (54 MB).');
    const broker = this.supervised('broker', [BROKER, join(this.folder, 'kafka')], {});
    this.running.unshift(() => broker.stop());
    const address = await broker.start();
    this.say(`Apache Kafka runs on ${address}.`);
    return address;
  }

  private place(postgres: string, brokers: string): Record<string, string> {
    const { config, folder, surroundings } = this;
    return {
      KAFKA_BROKERS: brokers,
      POSTGRES_ADDRESS: postgres,
      SECRETS_DIR: join(folder, 'secrets'),
      IDENTITIES_FILE: resolve(config.identitiesFile),
      DATA_DIR: resolve(config.dataFolder),
      PLAYBOOK: config.playbook,
      LOG_LEVEL: config.logLevel,
      GATEWAY_PORT: String(config.port),
      ...surroundings.environment,
    };
  }

  private async services(place: Readonly<Record<string, string>>): Promise<Services> {
    const services: Child[] = [];
    const upstreams: Record<string, string> = {};
    for (const name of SERVICES) {
      const addresses: string[] = [];
      for (let nr = 1; nr <= this.config.instances; nr += 1) {
        const port = String(await freePort());
        const own = { ...place, [`${name.toUpperCase()}_PORT`]: port };
        services.push(this.child(name, environmentFrom(['common', name, 'no-login'], own)));
        addresses.push(`http://127.0.0.1:${port}`);
      }
      upstreams[`KWANUS_UPSTREAM_${name.toUpperCase()}`] = addresses.join(',');
    }
    return { services, upstreams };
  }

  private child(app: string, environment: Readonly<Record<string, string>>): Child {
    return this.supervised(app, [join(ROOT, 'dist', `${app}.js`)], {
      ...environment,
      KWANUS_LOG_FORMAT: this.config.logFormat,
      ...this.surroundings.environment,
    });
  }

  private supervised(
    name: string,
    program: readonly string[],
    environment: Readonly<Record<string, string>>,
  ): Child {
    const { logger, onLine, onLost } = this.surroundings;
    const inherited = Object.entries(inheritedEnvironment({})).filter(([key]) => INHERITED.test(key));
    return new Child({
      name,
      arguments: program,
      environment: { ...Object.fromEntries(inherited), ...environment },
      onLine,
      onRestart: (code) =>
        logger.warn(`${name} ended (${code ?? 'killed'}); it is started again.`, 'distributed'),
      onGivenUp: onLost,
    });
  }
}
