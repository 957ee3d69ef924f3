import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Authenticator, AuthGuard } from '@kwanus/auth';
import { type DynamicModule, type LoggerService, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import helmet from 'helmet';
import { AnswerInterceptor } from './answer.interceptor.js';
import { BodyGuard } from './body.js';
import { boundServer } from './bound-server.js';
import { STOPPING } from './event-stream.js';
import { boundConcurrency, checkListener } from './listener.js';
import { openApiOf } from './open-api.js';
import { ProblemFilter } from './problem.filter.js';
import { checkRoutes } from './route-rules.js';
import {
  READINESS,
  type ReadinessCheck,
  SYSTEM_ANSWERS,
  type SystemAnswers,
  SystemController,
} from './system.controller.js';
import { ValidationPipe } from './validation.pipe.js';

/** How an application listens and who may call it. */
export interface HttpOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly authenticator: Authenticator;
  readonly logger: LoggerService;
  readonly allowedHosts?: readonly string[] | undefined;
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Default 200. */
  readonly maxConcurrentRequests?: number;
  /** Default 30 s. */
  readonly requestTimeoutMs?: number;
  /** The AsyncAPI document, made once at the first call. */
  readonly asyncApi?: () => Promise<object>;
  /** The OpenAPI document where it is not that of this application's own controllers (a service alone). */
  readonly openApi?: () => object;
}

/** A listener with its services. */
export interface HttpApplication {
  readonly app: NestExpressApplication;
  /** @returns the address, for example `http://127.0.0.1:4180` */
  readonly listen: () => Promise<string>;
  /** Takes no new requests, finishes those in hand, ends event streams, then stops the services. May be called twice. */
  readonly stop: () => Promise<void>;
}

/** The application's own root: the given module beside health, metrics and documents. */
@Module({})
class ListenerModule {
  static around(module: Type | DynamicModule, answers: SystemAnswers): DynamicModule {
    return {
      module: ListenerModule,
      imports: [module],
      controllers: [SystemController],
      providers: [{ provide: SYSTEM_ANSWERS, useValue: answers }],
    };
  }
}

/**
 * An HTTP application with every convention of docs/reference/http.md in place.
 * @throws RouteRefused when a POST is neither a command nor says why not
 */
export async function createHttpApplication(
  module: Type | DynamicModule,
  options: HttpOptions,
): Promise<HttpApplication> {
  const stopping = new AbortController();
  const late: { app?: NestExpressApplication } = {};
  const root = ListenerModule.around(module, systemAnswers(late, options, stopping.signal));
  const app = await NestFactory.create<NestExpressApplication>(root, {
    bodyParser: false,
    logger: options.logger,
    abortOnError: false,
  });
  late.app = app;
  app.disable('x-powered-by');
  app.disable('etag');
  app.getHttpAdapter().getInstance().locals[STOPPING] = stopping.signal;
  app.use(helmet());
  app.use(
    checkListener({
      host: options.host,
      allowedHosts: options.allowedHosts ?? [],
      allowedOrigins: options.allowedOrigins ?? [],
    }),
  );
  app.use(boundConcurrency(options.maxConcurrentRequests ?? 200));
  app.useGlobalGuards(new AuthGuard(options.authenticator), new BodyGuard());
  app.useGlobalPipes(new ValidationPipe());
  app.useGlobalInterceptors(new AnswerInterceptor());
  app.useGlobalFilters(new ProblemFilter(options.logger));
  boundServer(app.getHttpServer(), options.requestTimeoutMs ?? 30_000);
  let stopped: Promise<void> | undefined;
  return {
    app,
    listen: () => listen(app, options),
    stop: () => {
      stopped ??= stop(app, stopping);
      return stopped;
    },
  };
}

async function listen(app: NestExpressApplication, { host, port }: HttpOptions): Promise<string> {
  await app.init();
  checkRoutes(app);
  await app.listen(port, host);
  const { port: taken } = (app.getHttpServer() as Server).address() as AddressInfo;
  return `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${taken}`;
}

const PATIENCE_MS = 10_000;

async function stop(app: NestExpressApplication, stopping: AbortController): Promise<void> {
  stopping.abort();
  const server: Server = app.getHttpServer();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const impatience = setTimeout(() => server.closeAllConnections(), PATIENCE_MS);
  await closed;
  clearTimeout(impatience);
  await app.close();
}

function systemAnswers(
  late: { readonly app?: NestExpressApplication },
  { openApi, asyncApi }: HttpOptions,
  stopping: AbortSignal,
): SystemAnswers {
  let document: object | undefined;
  let messages: Promise<object> | undefined;
  return {
    readiness: () => (late.app === undefined ? [] : readinessOf(late.app)),
    openApi: () => {
      document ??= openApi?.() ?? (late.app === undefined ? {} : openApiOf(late.app));
      return document;
    },
    asyncApi: () => {
      messages ??= asyncApi?.() ?? Promise.resolve({});
      return messages;
    },
    stopping: () => stopping.aborted,
  };
}

function readinessOf(app: NestExpressApplication): readonly ReadinessCheck[] {
  try {
    return app
      .get<typeof READINESS, ReadinessCheck | ReadinessCheck[]>(READINESS, { strict: false, each: true })
      .flat();
  } catch {
    return [];
  }
}

/**
 * Stops the process on SIGTERM and SIGINT: the first asks for a graceful stop, the second leaves at once.
 * @param stop what has to be done before leaving
 */
export function stopOnSignals(stop: () => Promise<void>, logger: LoggerService): void {
  const codes = { SIGINT: 130, SIGTERM: 143 } as const;
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (asked) process.exit(codes[signal]);
      asked = true;
      logger.log(`${signal}: finishing what is in hand; once more leaves at once.`, 'http');
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          logger.error(error, 'http');
          process.exit(70);
        },
      );
    });
}
