import { loadConfigurationOrExit } from '@kwanus/config';
import { stopOnSignals } from '@kwanus/http';
import { createLogger, PinoLoggerService } from '@kwanus/telemetry';
import { type Gateway, GatewayRefused, startGateway } from './gateway.js';

const { config, redact } = loadConfigurationOrExit('gateway');
const logger = new PinoLoggerService(
  createLogger({ level: config.logLevel, format: config.logFormat, redact }),
);

function refuse(error: unknown): never {
  const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  if (taken || error instanceof GatewayRefused) {
    const message = taken
      ? `Port ${config.port} is in use. Stop what listens there, or set KWANUS_PORT.`
      : (error as Error).message;
    process.stderr.write(`kwanus gateway: ${redact(message)}\n`);
    process.exit(2);
  }
  logger.fatal(error, 'gateway');
  process.exit(70);
}

const running: { gateway?: Gateway } = {};
const stop = async (): Promise<void> => running.gateway?.stop();
stopOnSignals(stop, logger);
// Whoever started it with a channel is gone without a word: nobody would stop it otherwise.
process.once('disconnect', () => void stop().finally(() => process.exit(0)));
running.gateway = await startGateway(config, (error, service, path) =>
  logger.warn({ msg: 'a service did not answer', service, path, err: error }, 'gateway'),
).catch(refuse);
logger.log(`The gateway answers on ${running.gateway.address}.`, 'gateway');
process.send?.({ ready: running.gateway.address });
