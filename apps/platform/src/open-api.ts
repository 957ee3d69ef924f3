import type { Identities } from '@kwanus/auth';
import { openApiOf } from '@kwanus/http';
import { systemClock } from '@kwanus/kernel';
import { KafkaTransport } from '@kwanus/messaging/kafka';
import { NestFactory } from '@nestjs/core';
import { PlatformModule } from './platform.module.js';

const NOWHERE = 'postgresql://nobody@127.0.0.1:1/none';
const KEY_BYTES = 32;

/**
 * The OpenAPI document of all four services, made from their controllers. Nothing is started and nothing is connected to:
 * the application is only put together.
 */
export async function platformOpenApi(identities: Identities): Promise<object> {
  const module = PlatformModule.register({
    databaseUrl: NOWHERE,
    migrationUrl: NOWHERE,
    artifactsUrl: NOWHERE,
    transport: new KafkaTransport({ brokers: ['127.0.0.1:1'], clientId: 'kwanus-documents' }),
    playbookVersion: '1.0',
    clock: systemClock,
    identities,
    cursorKey: new Uint8Array(KEY_BYTES),
  });
  const app = await NestFactory.create(module, { logger: false, abortOnError: false });
  return openApiOf(app);
}
