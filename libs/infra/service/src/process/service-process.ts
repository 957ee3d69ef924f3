import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import {
  Authenticator,
  loadIdentities,
  openDevelopmentIssuer,
  remoteIssuer,
  type TrustedIssuer,
} from '@kwanus/auth';
import type { Configuration } from '@kwanus/config';
import { asyncApiDocument } from '@kwanus/contracts';
import { createHttpApplication } from '@kwanus/http';
import { systemClock } from '@kwanus/kernel';
import type { DynamicModule, LoggerService } from '@nestjs/common';
import type { ServiceName, ServiceOptions } from '../options.js';
import { openApiDocument } from './open-api-document.js';
import { openTransport } from './open-transport.js';

/**
 * A service: its name, and how its one module is made from what every service is given, and what else
 * its configuration says.
 */
export interface ServiceProgram {
  readonly name: ServiceName;
  readonly module: (options: ServiceOptions, config: Configuration<'service'>) => DynamicModule;
}

/** A service that answers. */
export interface RunningService {
  /** For example `http://127.0.0.1:4181`. */
  readonly address: string;
  /** Finishes what is in hand, then lets go of transport and database. */
  readonly stop: () => Promise<void>;
}

const CURSOR_KEY_BYTES = 32;

function issuerOf(config: Configuration<'service'>): TrustedIssuer {
  const { authIssuer, authJwksUrl, authAudience: audience, authAlgorithms: algorithms } = config;
  if (authIssuer === undefined || authJwksUrl === undefined) {
    const { host, production } = config;
    return openDevelopmentIssuer({ folder: resolve(config.dataFolder), host, production, audience });
  }
  return remoteIssuer({ issuer: authIssuer, jwksUrl: authJwksUrl, audience, algorithms });
}

/**
 * Starts one service by itself, on the databases that its configuration names.
 * @throws DevelopmentIssuerRefused, IdentitiesRefused, TransportUnavailable, TopicMismatch, LogUnusable
 */
export async function startService(
  { name, module }: ServiceProgram,
  config: Configuration<'service'>,
  logger: LoggerService,
): Promise<RunningService> {
  const identities = loadIdentities(config.identitiesFile);
  const issuer = issuerOf(config);
  const { databaseUrl, migrationUrl = databaseUrl, artifactsUrl = databaseUrl } = config;
  const transport = await openTransport(config, {
    databaseUrl,
    migrationUrl,
    name: `kwanus-${name}`,
    onTrouble: (error) => logger.warn(error, 'transport'),
  });
  const options: ServiceOptions = {
    databaseUrl,
    migrationUrl,
    artifactsUrl,
    ...(config.artifactsMigrationUrl === undefined
      ? {}
      : { artifactsMigrationUrl: config.artifactsMigrationUrl }),
    transport,
    playbookVersion: config.playbook,
    clock: systemClock,
    identities,
    cursorKey: config.cursorKey ?? randomBytes(CURSOR_KEY_BYTES),
    jobConcurrency: config.jobConcurrency,
  };
  const http = await createHttpApplication(module(options, config), {
    ...config,
    authenticator: new Authenticator([issuer]),
    logger,
    asyncApi: () => Promise.resolve(asyncApiDocument()),
    openApi: openApiDocument,
  });
  return {
    address: await http.listen(),
    stop: async () => {
      await http.stop();
      await transport.close();
    },
  };
}
