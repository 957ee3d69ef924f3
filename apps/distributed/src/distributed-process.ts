import { loadConfigurationOrExit } from '@kwanus/config';
import { stopOnSignals } from '@kwanus/http';
import { createLogger, PinoLoggerService } from '@kwanus/telemetry';
import { ChildNotStarted } from './child.js';
import { type Distributed, startDistributed } from './distributed.js';

const { config, redact } = loadConfigurationOrExit('distributed');
const logger = new PinoLoggerService(
  createLogger({ level: config.logLevel, format: config.logFormat, redact }),
);
const REFUSED = 2;

function refuse(error: unknown): never {
  const ours = error instanceof Error && error.name === 'DatabaseUnusable';
  if (ours || (error instanceof ChildNotStarted && error.code === REFUSED)) {
    process.stderr.write(`kwanus: ${(error as Error).message}\n`);
    process.exit(REFUSED);
  }
  logger.fatal(error, 'distributed');
  process.exit(70);
}

const running: { all?: Distributed } = {};
const stop = async (): Promise<void> => running.all?.stop();
stopOnSignals(stop, logger);
// Whoever started it is gone without a word: nobody would stop it otherwise.
process.once('disconnect', () => void stop().finally(() => process.exit(0)));
running.all = await startDistributed(config, {
  logger,
  onLine: (line) => process.stderr.write(`${line}\n`),
  onLost: (error) => void stop().finally(() => refuse(error)),
}).catch(refuse);
logger.log(`The platform answers on ${running.all.address} (playbook ${config.playbook}).`, 'distributed');
process.send?.({ ready: running.all.address });
