import { randomUUID } from 'node:crypto';
import { callerOf } from '@kwanus/auth';
import { UnitOfWork } from '@kwanus/event-store';
import { DomainRejection, isDomainRejection, type JsonObject, type Missing } from '@kwanus/kernel';
import { count, record, traceparent } from '@kwanus/telemetry';
import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
  UseInterceptors,
} from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { Answer, type AnswerHead } from './answer.js';
import { type CommandContext, withCommandContext } from './command-context.js';
import {
  commandIdOf,
  IdempotencyRace,
  IdempotencyStore,
  type KeptAnswer,
  type RequestIdentity,
} from './idempotency.js';
import { HttpProblem } from './problem.js';
import { type HttpRequest, idempotencyKeyOf, ifMatchOf, pathOf, requestDigestOf } from './request.js';

const ATTEMPTS = 3;
const REFUSED = 409;

/**
 * Around every command: the same key and body get the same answer, the controller runs whole inside `UnitOfWork.run` (so that a
 * retry repeats all of it), and the answer is kept in the transaction of the append. Kept are 2xx and refusals of the domain.
 */
@Injectable()
export class CommandInterceptor implements NestInterceptor {
  constructor(
    private readonly work: UnitOfWork,
    private readonly kept: IdempotencyStore,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<HttpRequest>();
    const route = `${context.getClass().name}.${context.getHandler().name}`;
    return from(measured(route, () => this.#run(request, next)));
  }

  async #run(request: HttpRequest, next: CallHandler): Promise<Answer<unknown>> {
    const key = idempotencyKeyOf(request);
    const command = commandOf(request, key);
    const identity = { caller: command.caller.actor.id, key, digest: requestDigestOf(request) };
    return withCommandContext(command, () => this.#answer(identity, next));
  }

  async #answer(identity: RequestIdentity, next: CallHandler): Promise<Answer<unknown>> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#attempt(identity, next);
      } catch (error) {
        if (!(error instanceof IdempotencyRace) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  async #attempt(identity: RequestIdentity, next: CallHandler): Promise<Answer<unknown>> {
    try {
      return await this.work.run(async () => {
        const earlier = await this.kept.find(identity);
        if (earlier !== null) return repeat(identity, earlier);
        const result: unknown = await lastValueFrom(next.handle(), { defaultValue: null });
        const answer = result instanceof Answer ? result : new Answer<unknown>(result, {});
        await this.kept.keep(identity, { status: answer.head.status ?? 200, body: packed(answer) });
        return answer;
      });
    } catch (error) {
      if (isDomainRejection(error) && !(error instanceof RepeatedRejection))
        await this.#keepRefusal(identity, error);
      throw error;
    }
  }

  async #keepRefusal(identity: RequestIdentity, { code, message, missing }: DomainRejection): Promise<void> {
    const body = JSON.parse(JSON.stringify({ code, message, missing })) as JsonObject;
    await this.work.run(() => this.kept.keep(identity, { status: REFUSED, body }));
  }
}

/** Counts and times a command by the name of its route; how it ended is one of three words. */
async function measured<T>(route: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  let outcome = 'failed';
  try {
    const result = await work();
    outcome = 'accepted';
    return result;
  } catch (error) {
    if (isDomainRejection(error)) outcome = 'refused';
    throw error;
  } finally {
    count('kwanus.commands', { route, outcome });
    record('kwanus.command.duration', (performance.now() - began) / 1000, { route, outcome });
  }
}

/** A refusal that was kept, given again. */
class RepeatedRejection extends DomainRejection {}

function repeat(identity: RequestIdentity, earlier: KeptAnswer): Answer<unknown> {
  if (earlier.digest !== identity.digest)
    throw new HttpProblem(
      'idempotency-key-reused',
      'This Idempotency-Key came with another request before. Use a new key for a new request.',
      { errors: [{ pointer: 'header:Idempotency-Key', message: 'was used for another request' }] },
    );
  if (earlier.status === REFUSED) {
    const { code, message, missing } = earlier.body as unknown as {
      code: string;
      message: string;
      missing: Missing[];
    };
    throw new RepeatedRejection(code, message, missing);
  }
  const { body, head } = earlier.body as unknown as { body: unknown; head: AnswerHead };
  return new Answer(body, head);
}

const packed = ({ body, head }: Answer<unknown>): JsonObject =>
  JSON.parse(JSON.stringify({ body: body ?? null, head })) as JsonObject;

function commandOf(request: HttpRequest, key: string): CommandContext {
  const caller = callerOf(request);
  const trace = traceparent();
  const commandId = commandIdOf(caller.actor.id, `${request.method} ${pathOf(request)}`, key);
  return {
    caller,
    ifMatch: ifMatchOf(request),
    metadata: {
      actor: caller.actor,
      correlationId: randomUUID(),
      causationId: commandId,
      commandId,
      ...(trace === undefined ? {} : { traceparent: trace }),
    },
  };
}

/** Where it stands whether a POST is a command, or why it is none. */
export const COMMAND_KEY = 'kwanus:command';

/** Marks a route as a command: Idempotency-Key required, If-Match understood, the controller runs in one unit of work. */
export const Command = (): MethodDecorator & ClassDecorator =>
  applyDecorators(
    SetMetadata(COMMAND_KEY, 'command'),
    UseInterceptors(CommandInterceptor),
    ApiHeader({
      name: 'Idempotency-Key',
      required: true,
      description: 'New for every new request, the same for its repetitions; kept for 24 hours.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    }),
    ApiHeader({
      name: 'If-Match',
      required: false,
      description: 'The ETag that the decision was made on; answered with 412 when it is stale.',
      schema: { type: 'string', pattern: '^("\\d+"|\\*)$' },
    }),
  );

/**
 * A POST that is no command and takes no Idempotency-Key: a foreign protocol, or a question with a body.
 * @param reason why; it stands in the code only
 */
export const NotACommand = (reason: string): MethodDecorator & ClassDecorator =>
  SetMetadata(COMMAND_KEY, `none: ${reason}`);
