import { isAbsolute, join } from 'node:path';
import type { Configuration } from '@kwanus/config';
import { type ConnectionOptions, KwanusClient } from '@kwanus/platform-client';
import { CommandFailed, EXIT } from './exit.js';
import type { Io } from './io.js';
import { readSession } from './session.js';

/** What every command is given. */
export interface Context {
  readonly io: Io;
  readonly config: Configuration<'cli'>;
  /** Absolute path of the data folder. */
  readonly dataDir: string;
  /** A client that calls as whoever is logged in. @throws CommandFailed (4) when nobody is */
  readonly client: () => KwanusClient;
  /** Prints one JSON document, or what the function makes for a person. */
  readonly print: (json: boolean, value: unknown, text: () => string) => void;
}

/** @returns the context of one run of the command line */
export function createContext(io: Io, config: Configuration<'cli'>): Context {
  const dataDir = isAbsolute(config.dataFolder) ? config.dataFolder : join(process.cwd(), config.dataFolder);
  return {
    io,
    config,
    dataDir,
    client: () => new KwanusClient(connection(config, dataDir)),
    print: (json, value, text) => io.out(json ? `${JSON.stringify(value, null, 2)}\n` : text()),
  };
}

/** A person waits: long enough for a restart that is nearly done, no longer. */
const RETRY_FOR_MS = 4_000;
const DEFAULT_ADDRESS = 'http://127.0.0.1:4180';

/** @returns where the platform answers, as far as the environment says */
export const addressOf = ({ url }: Pick<Configuration<'cli'>, 'url'>): string => url ?? DEFAULT_ADDRESS;

function connection(config: Configuration<'cli'>, dataDir: string): ConnectionOptions {
  if (config.token !== undefined)
    return { baseUrl: addressOf(config), token: config.token, retryForMs: RETRY_FOR_MS };
  const session = readSession(dataDir);
  if (session === null)
    throw new CommandFailed(
      EXIT.notAllowed,
      'Nobody is logged in. Run `kwanus login --as NAME`, or set KWANUS_TOKEN.',
    );
  if (config.url !== undefined && config.url !== session.server)
    throw new CommandFailed(
      EXIT.notAllowed,
      `You are logged in on ${session.server}, and KWANUS_URL is ${config.url}. Log in there, or unset it.`,
    );
  return { baseUrl: session.server, token: session.token, retryForMs: RETRY_FOR_MS };
}
