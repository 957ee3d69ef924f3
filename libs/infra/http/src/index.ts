export { Answer, type AnswerHead, answer } from './answer.js';
export { Command, CommandInterceptor, NotACommand } from './command.interceptor.js';
export {
  type CommandContext,
  checkIfMatch,
  commandContext,
  commandMetadata,
  withCommandContext,
} from './command-context.js';
export { commandIdOf, IdempotencyStore, PostgresIdempotencyStore } from './idempotency.js';
export { Cursors, type Page, pageOf, pageQuery } from './pages.js';
export { HttpProblem, notFound, type ProblemDetailError, type ProblemOptions } from './problem.js';
export { CATCH_UP_MS, caughtUp, minVersionQuery, pastQuery, sliceOf } from './reads.js';
export type { HttpRequest } from './request.js';
