import { randomUUID } from 'node:crypto';
import { callerOf } from '@kwanus/auth';
import { IntegrationId } from '@kwanus/contracts';
import { UnitOfWork } from '@kwanus/event-store';
import { DomainRejection, isDomainRejection, type JsonObject, type Missing } from '@kwanus/kernel';
import { count, record, traceparent } from '@kwanus/telemetry';
import {
  type ArgumentMetadata,
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  Logger,
  type NestInterceptor,
  SetMetadata,
  UseInterceptors,
} from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
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
import { ValidationPipe } from './validation.pipe.js';

const ATTEMPTS = 3;
const REFUSED = 409;

/**
 * Around every command: the same key and body get the same answer, the controller runs whole inside `UnitOfWork.run` (so that a
 * retry repeats all of it), and the answer is kept in the transaction of the append. Kept are 2xx and refusals of the domain.
 * Requests with one key come one after the other: the second waits for the first. What is sent over the transport in a unit whose
 * commit fails is sent again by the repetition: at least once, as everywhere on the transport.
 */
@Injectable()
export class CommandInterceptor implements NestInterceptor {
  constructor(
    private readonly work: UnitOfWork,
    private readonly kept: IdempotencyStore,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return from(measured(context, () => this.#run(context, next)));
  }

  async #run(context: ExecutionContext, next: CallHandler): Promise<Answer<unknown>> {
    const request = context.switchToHttp().getRequest<HttpRequest>();
    const key = idempotencyKeyOf(request);
    const identity = { caller: callerOf(request).actor.id, key, digest: requestDigestOf(request) };
    const command = commandOf(request, identity);
    await checkBody(context, request.body);
    const ownUnits = Reflect.getMetadata(OWN_UNITS_KEY, context.getHandler()) === true;
    return withCommandContext(command, () => this.#answer(identity, next, ownUnits));
  }

  async #answer(identity: RequestIdentity, next: CallHandler, ownUnits: boolean): Promise<Answer<unknown>> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await (ownUnits ? this.#outside(identity, next) : this.#attempt(identity, next));
      } catch (error) {
        if (!(error instanceof IdempotencyRace) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  async #attempt(identity: RequestIdentity, next: CallHandler): Promise<Answer<unknown>> {
    try {
      return await this.work.run(async () => {
        await this.kept.lock(identity);
        const earlier = await this.kept.find(identity);
        if (earlier !== null) return repeat(identity, earlier);
        const answer = await answerOf(next);
        await this.kept.keep(identity, { status: answer.head.status ?? 200, body: packed(answer) });
        return answer;
      });
    } catch (error) {
      if (isDomainRejection(error) && !(error instanceof RepeatedRejection))
        await this.#keepRefusal(identity, error);
      throw error;
    }
  }

  /** The controller works in units of its own; that it may run twice for one key is its own affair. */
  async #outside(identity: RequestIdentity, next: CallHandler): Promise<Answer<unknown>> {
    const earlier = await this.kept.find(identity);
    if (earlier !== null) return repeat(identity, earlier);
    const answer = await answerOf(next);
    await this.work.run(() =>
      this.kept.keep(identity, { status: answer.head.status ?? 200, body: packed(answer) }),
    );
    return answer;
  }

  async #keepRefusal(identity: RequestIdentity, { code, message, missing }: DomainRejection): Promise<void> {
    const body = JSON.parse(JSON.stringify({ code, message, missing })) as JsonObject;
    await this.work.run(() => this.kept.keep(identity, { status: REFUSED, body }));
  }
}

async function answerOf(next: CallHandler): Promise<Answer<unknown>> {
  const result: unknown = await lastValueFrom(next.handle(), { defaultValue: null });
  return result instanceof Answer ? result : new Answer<unknown>(result, {});
}

const pipe = new ValidationPipe();

/** What Nest keeps about a parameter of a route: `<kind>:<index>` → the schema that was given to its decorator. */
type Parameters = Readonly<Record<string, Pick<ArgumentMetadata, 'schema' | 'data'>>>;

/** A body that is wrong begins no transaction. The route's own pipe checks it again, and transforms it. */
async function checkBody(context: ExecutionContext, body: unknown): Promise<void> {
  const parameters = Reflect.getMetadata(
    ROUTE_ARGS_METADATA,
    context.getClass(),
    context.getHandler().name,
  ) as Parameters | undefined;
  for (const [kind, { schema, data }] of Object.entries(parameters ?? {}))
    if (kind.startsWith(`${RouteParamtypes.BODY}:`) && schema !== undefined && data === undefined)
      await pipe.transform(body, { type: 'body', schema });
}

const logger = new Logger('commands');

/** Counts, times and logs a command by the name of its route; how it ended is one of three words. */
async function measured(
  context: ExecutionContext,
  work: () => Promise<Answer<unknown>>,
): Promise<Answer<unknown>> {
  const route = `${context.getClass().name}.${context.getHandler().name}`;
  const began = performance.now();
  let outcome = 'failed';
  let about = integrationIn(context.switchToHttp().getRequest<HttpRequest>().params['id']);
  try {
    const result = await work();
    outcome = 'accepted';
    about = {
      ...about,
      ...integrationIn((result.body as { integrationId?: unknown } | null)?.integrationId),
    };
    return result;
  } catch (error) {
    if (isDomainRejection(error)) outcome = 'refused';
    throw error;
  } finally {
    const seconds = (performance.now() - began) / 1000;
    count('kwanus.commands', { route, outcome });
    record('kwanus.command.duration', seconds, { route, outcome });
    logger.log({ msg: 'command', route, outcome, seconds, ...about });
  }
}

/** @returns the log field of the integration that something concerns; nothing for what is no integration's id */
const integrationIn = (value: unknown): { integration_id?: string } =>
  IntegrationId.safeParse(value).success ? { integration_id: value as string } : {};

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

function commandOf(request: HttpRequest, identity: RequestIdentity): CommandContext {
  const caller = callerOf(request);
  const trace = traceparent();
  const commandId = commandIdOf(identity, `${request.method} ${pathOf(request)}`);
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
const OWN_UNITS_KEY = 'kwanus:command-own-units';

/** How a command is run. */
export interface CommandRule {
  /**
   * `own`: the controller works in several units of work, and can be repeated without harm; its answer is kept after it has ended,
   * in a unit apart. Two at the same moment with one key may both run; both get the answer of the first that ends.
   * Default `one`: all of it is one unit, and one key runs once.
   */
  readonly units?: 'one' | 'own';
}

/** Marks a route as a command: Idempotency-Key required, If-Match understood, the controller runs in one unit of work. */
export const Command = ({ units = 'one' }: CommandRule = {}): MethodDecorator & ClassDecorator =>
  applyDecorators(
    SetMetadata(COMMAND_KEY, 'command'),
    SetMetadata(OWN_UNITS_KEY, units === 'own'),
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
