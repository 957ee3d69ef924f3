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
import { type Clock, systemClock } from '@kwanus/kernel';
import { openTransport } from '@kwanus/service';
import { alertWebhookOf } from '@kwanus/service-monitoring';
import { vulnerabilityDatabaseOf } from '@kwanus/service-validation';
import type { LoggerService } from '@nestjs/common';
import { openDatabase } from './database.js';
import { cursorKeyIn } from './keys.js';
import { PlatformModule } from './platform.module.js';

/** A running platform. */
export interface Platform {
  /** For example `http://127.0.0.1:4180`. */
  readonly address: string;
  /** Finishes what is in hand, then lets go of transport and database. */
  readonly stop: () => Promise<void>;
}

function issuerOf(config: Configuration<'platform'>, folder: string): TrustedIssuer {
  const {
    authIssuer,
    authJwksUrl,
    authAudience: audience,
    authAlgorithms: algorithms,
    host,
    production,
  } = config;
  if (authIssuer === undefined || authJwksUrl === undefined)
    return openDevelopmentIssuer({ folder, host, production, audience });
  return remoteIssuer({ issuer: authIssuer, jwksUrl: authJwksUrl, audience, algorithms });
}

/**
 * Starts database, transport and the four services in this process.
 * @param lost called when the platform can't go on (its database was taken over)
 * @param clock of the four services; tokens are judged by the real time
 * @throws DatabaseUnusable, DevelopmentIssuerRefused, IdentitiesRefused
 */
export async function startPlatform(
  config: Configuration<'platform'>,
  logger: LoggerService,
  lost: () => void,
  clock: Clock = systemClock,
): Promise<Platform> {
  const folder = resolve(config.dataFolder);
  const identities = loadIdentities(config.identitiesFile);
  const database = await openDatabase(config, folder, { logger, lost });
  const issuer = issuerOf(config, folder);
  const transport = await openTransport(config, {
    databaseUrl: database.url,
    migrationUrl: database.migrationUrl,
    name: 'kwanus-platform',
    onTrouble: (error) => logger.warn(error, 'transport'),
  });
  const artifactsOwner = config.artifactsMigrationUrl ?? config.artifactsUrl;
  const http = await createHttpApplication(
    PlatformModule.register({
      databaseUrl: database.url,
      migrationUrl: database.migrationUrl,
      artifactsUrl: config.artifactsUrl ?? database.url,
      ...(artifactsOwner === undefined ? {} : { artifactsMigrationUrl: artifactsOwner }),
      transport,
      playbookVersion: config.playbook,
      clock,
      identities,
      cursorKey: config.cursorKey ?? cursorKeyIn(folder),
      jobConcurrency: config.jobConcurrency,
      ...alertWebhookOf(config),
      ...vulnerabilityDatabaseOf(config),
    }),
    {
      ...config,
      authenticator: new Authenticator([issuer]),
      logger,
      asyncApi: () => Promise.resolve(asyncApiDocument()),
    },
  );
  return {
    address: await http.listen(),
    stop: async () => {
      await http.stop();
      await transport.close();
      await database.close();
    },
  };
}
