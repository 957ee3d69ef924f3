import { ArtifactStore, PostgresArtifactStore } from '@kwanus/artifacts';
import { IntegrationId, TOPICS } from '@kwanus/contracts';
import {
  DueDates,
  type EventLog,
  EventStore,
  Jobs,
  type LogLogger,
  openEventLog,
  Projections,
  Reactions,
  UnitOfWork,
} from '@kwanus/event-store';
import {
  CommandInterceptor,
  Cursors,
  IdempotencyStore,
  PostgresIdempotencyStore,
  READINESS,
} from '@kwanus/http';
import {
  Consumers,
  type ConsumersOptions,
  openConsumers,
  openRelay,
  ParkedMessages,
  type Relay,
  type ServiceConsumers,
  Transport,
} from '@kwanus/messaging';
import { type DynamicModule, Logger, Module, type Provider } from '@nestjs/common';
import { operationsControllerOf } from './operations/operations.controller.js';
import { ProjectionRebuilds } from './operations/projection-rebuilds.js';
import type { LogName, ServiceDefinition } from './options.js';
import { ServiceLifecycle } from './service-lifecycle.js';
import { CLOCK, EVENT_LOG, IDENTITIES, RELAY, SERVICE_DEFINITION, SERVICE_OPTIONS } from './tokens.js';

/**
 * What every service is made of. Provides and exports, for the importing module alone (tokens are resolved per module, four
 * services stand in one application): EventStore, UnitOfWork, Projections, Reactions, Jobs, DueDates, Consumers, ParkedMessages,
 * Transport, ArtifactStore, IdempotencyStore, Cursors, and the tokens CLOCK, IDENTITIES, SERVICE_OPTIONS, EVENT_LOG, RELAY.
 */
@Module({})
export class ServiceModule {
  static forService(definition: ServiceDefinition): DynamicModule {
    const providers = [
      ...valuesOf(definition),
      ...logProviders(definition),
      ...messagingProviders(definition),
      ...httpProviders(definition),
    ];
    return {
      module: ServiceModule,
      controllers: [operationsControllerOf(definition.name)],
      providers: [...providers, lifecycleProvider, rebuildsProvider],
      exports: [...providers.map((provider) => (provider as { provide: symbol }).provide), READINESS],
    };
  }
}

const valuesOf = (definition: ServiceDefinition): Provider[] => [
  { provide: SERVICE_DEFINITION, useValue: definition },
  { provide: SERVICE_OPTIONS, useValue: definition.options },
  { provide: CLOCK, useValue: definition.options.clock },
  { provide: IDENTITIES, useValue: definition.options.identities },
  { provide: Transport, useValue: definition.options.transport },
  { provide: Cursors, useValue: new Cursors(definition.options.cursorKey) },
];

const LOG_PARTS = [
  [EventStore, 'store'],
  [UnitOfWork, 'work'],
  [Projections, 'projections'],
  [Reactions, 'reactions'],
  [Jobs, 'jobs'],
  [DueDates, 'dueDates'],
] as const;

const logProviders = (definition: ServiceDefinition): Provider[] => [
  { provide: EVENT_LOG, useFactory: () => openLog(definition) },
  ...LOG_PARTS.map(([provide, part]) => ({
    provide,
    inject: [EVENT_LOG],
    useFactory: (log: EventLog) => log[part],
  })),
];

function openLog({ name, tables, options }: ServiceDefinition): EventLog {
  const { databaseUrl, migrationUrl, clock, jobConcurrency, pollMs, background } = options;
  return openEventLog({
    databaseUrl,
    migrationUrl,
    schema: name,
    clock,
    logger: logLogger(name),
    ...(tables === undefined ? {} : { tables }),
    ...(jobConcurrency === undefined ? {} : { jobConcurrency }),
    ...(pollMs === undefined ? {} : { pollMs }),
    ...(background === undefined ? {} : { background }),
  });
}

function logLogger(name: LogName): LogLogger {
  const logger = new Logger(`${name} log`);
  return {
    info: (msg, details) => logger.log({ msg, ...details }),
    warn: (msg, details) => logger.warn({ msg, ...details }),
    error: (msg, details) => logger.error({ msg, ...details }),
  };
}

/** One line a message and one a trouble, with the integration that it concerns (PB-10.05). */
const consumerLog = (logger: Logger): Pick<ConsumersOptions, 'onMessage' | 'onTrouble'> => ({
  onMessage: ({ id, type, streamId, key }, consumer) =>
    logger.log({
      msg: 'message',
      consumer,
      message_type: type,
      message_id: id,
      stream: streamId,
      ...integrationOf(key),
    }),
  onTrouble: (error, consumer, parked) =>
    logger.warn({
      msg: parked === undefined ? 'a consumer is in trouble' : 'a message was parked',
      consumer,
      ...integrationOf(parked?.key),
      err: error,
    }),
});

const integrationOf = (key: string | null | undefined): { integration_id?: string } =>
  typeof key === 'string' && IntegrationId.safeParse(key).success ? { integration_id: key } : {};

const messagingProviders = ({ name, publisher, options }: ServiceDefinition): Provider[] => [
  {
    provide: Consumers,
    inject: [EVENT_LOG],
    useFactory: (log: EventLog) => {
      const logger = new Logger(`${name} consumers`);
      return openConsumers({ service: name, log, transport: options.transport, ...consumerLog(logger) });
    },
  },
  {
    provide: ParkedMessages,
    inject: [Consumers],
    useFactory: (consumers: ServiceConsumers) => consumers.parked,
  },
  {
    provide: RELAY,
    inject: [EVENT_LOG],
    useFactory: (log: EventLog) => {
      if (publisher === null || name === 'monitoring_telemetry') return null;
      const logger = new Logger(`${name} relay`);
      return openRelay({
        service: name,
        topic: TOPICS[name === 'intake' ? 'integration' : name].name,
        publisher,
        log,
        transport: options.transport,
        url: options.migrationUrl,
        onTrouble: (error) => logger.warn({ msg: 'the relay is in trouble', err: error }),
      });
    },
  },
];

const httpProviders = ({ name, options }: ServiceDefinition): Provider[] => [
  { provide: ArtifactStore, useFactory: () => new PostgresArtifactStore({ url: options.artifactsUrl }) },
  {
    provide: IdempotencyStore,
    inject: [UnitOfWork],
    useFactory: (work: UnitOfWork) => new PostgresIdempotencyStore(work, name),
  },
  {
    provide: CommandInterceptor,
    inject: [UnitOfWork, IdempotencyStore],
    useFactory: (work: UnitOfWork, kept: IdempotencyStore) => new CommandInterceptor(work, kept),
  },
];

const rebuildsProvider: Provider = {
  provide: ProjectionRebuilds,
  inject: [Projections, Jobs],
  useFactory: (projections: Projections, jobs: Jobs) => new ProjectionRebuilds(projections, jobs),
};

const lifecycleProvider: Provider = {
  provide: READINESS,
  inject: [SERVICE_DEFINITION, EVENT_LOG, RELAY, Consumers, ArtifactStore, IdempotencyStore],
  useFactory: (
    definition: ServiceDefinition,
    log: EventLog,
    relay: Relay | null,
    consumers: ServiceConsumers,
    ...[artifacts, kept]: [PostgresArtifactStore, IdempotencyStore]
  ) => new ServiceLifecycle({ definition, log, relay, consumers, artifacts, kept }),
};
