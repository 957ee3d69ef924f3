import { loadConfigurationOrExit } from '@kwanus/config';
import { stopOnSignals } from '@kwanus/http';
import { createLogger, PinoLoggerService } from '@kwanus/telemetry';
import { type Platform, startPlatform } from './platform.js';

const { config, redact } = loadConfigurationOrExit('platform');
const logger = new PinoLoggerService(
  createLogger({ level: config.logLevel, format: config.logFormat, redact }),
);

/** Refusals of the surroundings: one line for a person, exit 2. */
const REFUSALS = new Set([
  'DatabaseUnusable',
  'DevelopmentIssuerRefused',
  'IdentitiesRefused',
  'TopicMismatch',
]);

function refuse(error: unknown): never {
  if (
    error instanceof Error &&
    (REFUSALS.has(error.name) || (error as NodeJS.ErrnoException).code === 'EADDRINUSE')
  ) {
    const inUse = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    const message = inUse
      ? `Port ${config.port} is in use. Stop what listens there, or set KWANUS_PORT.`
      : error.message;
    process.stderr.write(`kwanus: ${redact(message)}\n`);
    process.exit(2);
  }
  logger.fatal(error, 'platform');
  process.exit(70);
}

const running: { platform?: Platform } = {};
const stop = async (): Promise<void> => running.platform?.stop();
stopOnSignals(stop, logger);
// Whoever started it is gone without a word: nobody would stop it otherwise.
process.once('disconnect', () => void stop().finally(() => process.exit(0)));
const lost = (): void => void stop().finally(() => process.exit(2));
running.platform = await startPlatform(config, logger, lost).catch(refuse);
logger.log(`The platform answers on ${running.platform.address} (playbook ${config.playbook}).`, 'platform');
process.send?.({ ready: running.platform.address });
