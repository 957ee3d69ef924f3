import { loadConfigurationOrExit } from '@kwanus/config';
import { stopOnSignals } from '@kwanus/http';
import { createLogger, PinoLoggerService } from '@kwanus/telemetry';
import { type RunningService, type ServiceProgram, startService } from './service-process.js';

/** Refusals of the surroundings: one line for a person, exit 2. */
const REFUSALS = new Set([
  'DevelopmentIssuerRefused',
  'IssuerRefused',
  'IdentitiesRefused',
  'TransportUnavailable',
  'TopicMismatch',
  'TransportRefused',
  'LogUnusable',
  'SchemaNewer',
]);

/**
 * The main program of a service: configuration, start, stop on signals (the second leaves at once). Ends the process: 0 after a
 * graceful stop, 2 when the surroundings can't be used, 70 for a fault of ours. A parent with a channel is told the address.
 */
export async function runService(program: ServiceProgram): Promise<void> {
  const { name } = program;
  const { config, redact } = loadConfigurationOrExit('service');
  const logger = new PinoLoggerService(
    createLogger({ level: config.logLevel, format: config.logFormat, redact }),
  );
  const running: { service?: RunningService } = {};
  const stop = async (): Promise<void> => running.service?.stop();
  stopOnSignals(stop, logger);
  // Whoever started it with a channel is gone without a word: nobody would stop it otherwise.
  process.once('disconnect', () => void stop().finally(() => process.exit(0)));
  try {
    running.service = await startService(program, config, logger);
  } catch (error) {
    const refusal = refusalOf(error, config.port);
    if (refusal === null) logger.fatal(error, name);
    else process.stderr.write(`kwanus ${name}: ${redact(refusal)}\n`);
    process.exit(refusal === null ? 70 : 2);
  }
  logger.log(`${name} answers on ${running.service.address} (playbook ${config.playbook}).`, name);
  process.send?.({ ready: running.service.address });
}

function refusalOf(error: unknown, port: number): string | null {
  if (!(error instanceof Error)) return null;
  if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE')
    return `Port ${port} is in use. Stop what listens there, or set KWANUS_PORT.`;
  if (REFUSALS.has(error.name)) return error.message;
  return noDatabase(error)
    ? `The database can’t be used: ${sayingOf(error)}. Check KWANUS_DATABASE_URL.`
    : null;
}

/** Nobody answers there, the login or the database is refused (PostgreSQL, appendix A: classes 28 and 3D). */
const NO_DATABASE = /^(ECONNREFUSED|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|28...|3D...|42501)$/;
const noDatabase = (error: Error): boolean =>
  NO_DATABASE.test(String((error as NodeJS.ErrnoException).code ?? ''));
/** An address with several IPs fails as a whole, with one error each and no message of its own. */
const sayingOf = (error: Error): string =>
  error instanceof AggregateError ? error.errors.map((one: Error) => one.message).join(', ') : error.message;
