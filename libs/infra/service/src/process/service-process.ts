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
import { openPostgresTransport } from '@kwanus/messaging';
import type { DynamicModule, LoggerService } from '@nestjs/common';
import type { ServiceOptions } from '../options.js';

/** Makes the one module of a service from what every service is given, and what else its configuration says. */
export type ServiceFactory = (options: ServiceOptions, config: Configuration<'service'>) => DynamicModule;

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
 * @throws DevelopmentIssuerRefused, IdentitiesRefused, TopicMismatch, LogUnusable
 */
export async function startService(
  module: ServiceFactory,
  config: Configuration<'service'>,
  logger: LoggerService,
): Promise<RunningService> {
  const identities = loadIdentities(config.identitiesFile);
  const issuer = issuerOf(config);
  const { databaseUrl, migrationUrl = databaseUrl, artifactsUrl = databaseUrl } = config;
  const transport = await openPostgresTransport({
    url: config.busUrl ?? databaseUrl,
    ...(config.busUrl === undefined ? { migrationUrl } : {}),
    onTrouble: (error) => logger.warn(error, 'transport'),
  });
  const options: ServiceOptions = {
    databaseUrl,
    migrationUrl,
    artifactsUrl,
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
  });
  return {
    address: await http.listen(),
    stop: async () => {
      await http.stop();
      await transport.close();
    },
  };
}
