export { Answer, type AnswerHead, answer } from './answer.js';
export {
  createHttpApplication,
  type HttpApplication,
  type HttpOptions,
  stopOnSignals,
} from './application.js';
export { JSON_LIMIT, JsonLimit, RawBody, type RawBodyRule } from './body.js';
export { boundServer } from './bound-server.js';
export { Command, CommandInterceptor, NotACommand } from './command.interceptor.js';
export {
  type CommandContext,
  checkIfMatch,
  commandContext,
  commandMetadata,
  withCommandContext,
} from './command-context.js';
export { type EventStreamOptions, type StreamedEvent, sendEventStream } from './event-stream.js';
export { commandIdOf, IdempotencyStore, PostgresIdempotencyStore } from './idempotency.js';
export { boundConcurrency, checkListener, type ListenerNames } from './listener.js';
export { Answers, AnswersBytes, openApiOf, ProblemBody } from './open-api.js';
export { Cursors, type Page, pageOf, pageQuery } from './pages.js';
export { describe, write } from './problem.filter.js';
export { HttpProblem, notFound, type ProblemDetailError, type ProblemOptions } from './problem.js';
export { problemsReference } from './problems-reference.js';
export { CATCH_UP_MS, caughtUp, minVersionQuery, pastQuery, sliceOf } from './reads.js';
export type { HttpRequest } from './request.js';
export { RouteRefused } from './route-rules.js';
export { StreamSlots } from './stream-slots.js';
export { READINESS, type ReadinessCheck } from './system.controller.js';
export { wholeNumber } from './whole-number.js';
