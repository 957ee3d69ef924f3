import { accessSync, constants, existsSync } from 'node:fs';
import type { Configuration } from '@kwanus/config';
import { Connection } from '@kwanus/platform-client';
import { addressOf } from '../context.js';
import { CommandFailed, EXIT } from '../exit.js';
import type { AddCommand } from '../program.js';
import { readSession } from '../session.js';

interface Diagnosis {
  readonly what: string;
  readonly fine: boolean;
  readonly found: string;
  readonly remedy: string;
}

function writable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

async function reachable(url: string): Promise<boolean> {
  try {
    return (await new Connection({ baseUrl: url, retryForMs: 0, timeoutMs: 2_000 }).send('GET', '/readyz'))
      .ok;
  } catch {
    return false;
  }
}

async function diagnosed(config: Configuration<'cli'>, dataDir: string): Promise<Diagnosis[]> {
  const session = readSession(dataDir);
  const address = config.url ?? session?.server ?? addressOf(config);
  return [
    { what: 'Node', fine: nodeIsFine(), found: process.version, remedy: 'Install Node 20.19 or newer.' },
    {
      what: 'data folder',
      fine: !existsSync(dataDir) || writable(dataDir),
      found: existsSync(dataDir) ? dataDir : `${dataDir} (made at the first start)`,
      remedy: 'Give yourself the right to write there, or set KWANUS_DATA_DIR.',
    },
    {
      what: 'platform',
      fine: await reachable(address),
      found: address,
      remedy: 'Start it with `npm start`.',
    },
    {
      what: 'login',
      fine: session !== null || config.token !== undefined,
      found: config.token !== undefined ? 'KWANUS_TOKEN' : (session?.name ?? 'nobody'),
      remedy: 'Run `kwanus login --as NAME`.',
    },
  ];
}

/** `kwanus doctor`: what of this machine's set-up works, and what to do about the rest. */
export const addDoctor: AddCommand = (program, { config, dataDir, print }) => {
  program
    .command('doctor')
    .description('look at the set-up of this machine and say what to do')
    .option('--json', 'one JSON document')
    .addHelpText('after', '\nExample: kwanus doctor')
    .action(async ({ json = false }: { json?: boolean }) => {
      const found = await diagnosed(config, dataDir);
      print(json, found, () =>
        found
          .map(
            (one) =>
              `${one.fine ? '✓' : '✗'} ${one.what}: ${one.found}${one.fine ? '' : `. ${one.remedy}`}\n`,
          )
          .join(''),
      );
      if (found.some(({ fine }) => !fine))
        throw new CommandFailed(EXIT.refused, 'Something needs your attention.');
    });
};

const nodeIsFine = (): boolean => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 19);
};
