import type { LoggerService } from '@nestjs/common';
import { context, trace } from '@opentelemetry/api';
import { type DestinationStream, type Logger, pino } from 'pino';

/** How a process logs. */
export interface LogOptions {
  readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** `auto`: JSON when the output is not a terminal. */
  readonly format: 'auto' | 'json' | 'text';
  /** Takes secret values out of every line. */
  readonly redact?: (text: string) => string;
  /** Default: standard error, so that data on standard output stays clean. */
  readonly destination?: { readonly write: (line: string) => unknown; readonly isTTY?: boolean };
}

const SECRET_KEYS = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'access_token',
  'cursorKey',
  'connectionString',
];

/** @returns the logger of a process: one line an entry, trace ids on each, secrets out by key and by value */
export function createLogger(options: LogOptions): Logger {
  const { level, format, redact = (text) => text, destination = process.stderr } = options;
  const text = format === 'text' || (format === 'auto' && destination.isTTY === true);
  const stream: DestinationStream = {
    write: (line) =>
      void destination.write(redact(text ? forPeople(line) : line.replaceAll(SEPARATORS, escapedSeparator))),
  };
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[redacted]' },
      serializers: { err: pino.stdSerializers.errWithCause },
      mixin: traceIds,
    },
    stream,
  );
}

function traceIds(): { trace_id?: string; span_id?: string } {
  const span = trace.getSpanContext(context.active());
  return span !== undefined && trace.isSpanContextValid(span)
    ? { trace_id: span.traceId, span_id: span.spanId }
    : {};
}

/** Line breaks to some readers, and no escape of JSON's own. */
const SEPARATORS = /[\u2028\u2029]/g;
const escapedSeparator = (found: string): string => (found === '\u2028' ? '\\u2028' : '\\u2029');

const CONTROL = /[\p{Cc}\u2028\u2029]+/gu;

/** `12:01:02 WARN  relay: message`; control characters are out, so that a line can't pretend to be two. */
function forPeople(line: string): string {
  const entry = JSON.parse(line) as Record<string, unknown>;
  const { level, time, msg, context: where, err } = entry;
  const extra = Object.entries(entry)
    .filter(([key]) => !SHOWN_APART.has(key))
    .map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
  const problem = err === undefined ? '' : `: ${messageOf(err)}`;
  const place = typeof where === 'string' ? `${where}: ` : '';
  const head = `${String(time).slice(11, 19)} ${String(level).toUpperCase().padEnd(5)} ${place}`;
  return `${`${head}${typeof msg === 'string' ? msg : ''}${problem}${extra.join('')}`.replaceAll(CONTROL, ' ')}\n`;
}

const SHOWN_APART = new Set(['level', 'time', 'msg', 'context', 'err', 'trace_id', 'span_id']);

const messageOf = (error: unknown): string => {
  const { type, message } = error as { type?: string; message?: string };
  return `${type ?? 'Error'}: ${message ?? ''}`;
};

/** A line for each module and route at every start: of use to whoever looks for one that is missing, and to nobody else. */
const ROUTINE: ReadonlySet<unknown> = new Set([
  'NestFactory',
  'NestApplication',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
]);

/** Nest's own messages and ours, through one pino logger. */
export class PinoLoggerService implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.#write(ROUTINE.has(rest.at(-1)) ? 'debug' : 'info', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.#write('error', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.#write('warn', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.#write('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.#write('trace', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.#write('fatal', message, rest);
  }

  /** Nest passes the context last, and a stack before it. */
  #write(
    level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace',
    message: unknown,
    rest: unknown[],
  ): void {
    const where = typeof rest.at(-1) === 'string' ? { context: rest.at(-1) } : {};
    const stack = rest.length > 1 && typeof rest[0] === 'string' ? { stack: rest[0] } : {};
    if (message instanceof Error) this.logger[level]({ ...where, ...stack, err: message }, message.message);
    else if (typeof message === 'object' && message !== null)
      this.logger[level]({ ...where, ...stack, ...message });
    else this.logger[level]({ ...where, ...stack }, String(message));
  }
}
