import { OpenToAll } from '@kwanus/auth';
import { metricsText } from '@kwanus/telemetry';
import { Controller, Get, Header, Inject } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { HttpProblem } from './problem.js';

/** Something that has to work before requests are sent here. */
export interface ReadinessCheck {
  readonly name: string;
  /** Resolves when it works; what it throws is for the log. */
  readonly check: () => Promise<void>;
}

/** Provide one (or several) under this token in a service's module: /readyz asks all of the application. */
export const READINESS = Symbol('kwanus readiness');

/** What the listener itself answers with. */
export interface SystemAnswers {
  readonly readiness: () => readonly ReadinessCheck[];
  readonly openApi: () => object;
  readonly asyncApi: () => Promise<object>;
  /** True once a stop was asked for: no new requests should come. */
  readonly stopping: () => boolean;
}

export const SYSTEM_ANSWERS = Symbol('kwanus system answers');
const PATIENCE_MS = 2_000;

/** Health, metrics and documents of the listener; open to all who reach it. */
@ApiExcludeController()
@OpenToAll()
@Controller()
export class SystemController {
  constructor(@Inject(SYSTEM_ANSWERS) private readonly answers: SystemAnswers) {}

  /** The process lives. */
  @Get('livez')
  live(): object {
    return { status: 'ok' };
  }

  /** Everything that a request needs can be reached. */
  @Get('readyz')
  async ready(): Promise<object> {
    if (this.answers.stopping()) throw new HttpProblem('unavailable', 'Stopping.', { retryAfter: 1 });
    const results = await Promise.all(this.answers.readiness().map(outcome));
    const failing = results.filter(({ ok }) => !ok);
    if (failing.length > 0)
      throw new HttpProblem('unavailable', 'Not ready.', {
        retryAfter: 1,
        errors: failing.map(({ name }) => ({ pointer: `check:${name}`, message: 'fails' })),
      });
    return { status: 'ok', checks: results.map(({ name }) => name).sort() };
  }

  /** Prometheus text. */
  @Get('metrics')
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  metrics(): Promise<string> {
    return metricsText();
  }

  /** OpenAPI 3.1 of everything under /v1. */
  @Get('openapi.json')
  openApi(): object {
    return this.answers.openApi();
  }

  /** AsyncAPI 3 of the messages between services. */
  @Get('asyncapi.json')
  asyncApi(): Promise<object> {
    return this.answers.asyncApi();
  }
}

async function outcome({ name, check }: ReadinessCheck): Promise<{ name: string; ok: boolean }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), PATIENCE_MS);
  });
  const done = check().then(
    () => true,
    () => false,
  );
  const ok = await Promise.race([done, late]);
  clearTimeout(timer);
  return { name, ok };
}
