import { loadConfigurationOrExit } from '@kwanus/config';
import { stopOnSignals } from '@kwanus/http';
import { createLogger, PinoLoggerService } from '@kwanus/telemetry';
import { refusalOf } from './refusal.js';
import { type RunningService, type ServiceProgram, startService } from './service-process.js';

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
