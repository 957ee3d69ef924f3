import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '@kwanus/database';
import { type Distribution, type DistributionOptions, findDistribution } from './distribution.js';
import { BrokerUnusable } from './errors.js';
import { type BrokerSecurity, serverProperties } from './settings.js';

/** A broker that ends is noticed at once; one that starts gets this long. After a crash, on a twelfth of a core, it took 46 s here. */
const START_MS = 180_000;
const STOP_MS = 30_000;
const READY = fileURLToPath(new URL('../dist/ready.js', import.meta.url));
// A short life on a small machine: a quick start is worth more than peak speed.
const JVM = [
  '-Xmx512m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
];

/** How a broker is run. */
export interface BrokerOptions extends DistributionOptions {
  readonly security?: BrokerSecurity;
  /** Port for clients; a free one when none is given. */
  readonly port?: number;
}

/** One Apache Kafka broker in a folder, as a child process: it ends with the process that started it. */
export class Broker {
  private readonly distribution: Distribution;
  private child: ChildProcess | null = null;
  private clientPort = 0;

  /**
   * @param folder where configuration, log and data are kept; made if missing, and used again if not
   * @throws BrokerUnusable when Java, Maven or the jars can't be had
   */
  constructor(
    private readonly folder: string,
    private readonly options: BrokerOptions = {},
  ) {
    this.distribution = findDistribution(options);
  }

  /** `host:port`, as clients want it; known after `start`. */
  get address(): string {
    return `127.0.0.1:${this.clientPort}`;
  }

  /** The broker's process id, or null when it does not run. */
  get pid(): number | null {
    return this.child !== null && this.child.exitCode === null && this.child.signalCode === null
      ? (this.child.pid ?? null)
      : null;
  }

  /**
   * Starts the broker and resolves when groups and idempotent producers work.
   * @throws BrokerUnusable when it ends or does not answer in time; its log says why
   */
  async start(): Promise<void> {
    if (this.pid !== null) return;
    mkdirSync(this.folder, { recursive: true });
    await this.format();
    const log = openSync(join(this.folder, 'broker.log'), 'a', 0o600);
    this.child = spawn(this.distribution.java, this.arguments('kafka.Kafka', this.propertiesFile), {
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    // Nothing that the broker keeps would be saved by waiting for it when this process ends.
    const child = this.child;
    const kill = (): void => void child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.off('exit', kill));
    await this.becomeReady(child);
  }

  /** Ends the broker and waits for it; killed when it takes too long. */
  async stop(): Promise<void> {
    const { child } = this;
    if (child === null || this.pid === null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(timer);
  }

  /** Ends the broker as a crash would. */
  async kill(): Promise<void> {
    const { child } = this;
    if (child === null || this.pid === null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGKILL');
    await ended;
  }

  private get propertiesFile(): string {
    return join(this.folder, 'server.properties');
  }

  private lastError(): string {
    const lines = readFileSync(join(this.folder, 'broker.log'), 'utf8').split('\n');
    return lines.findLast((line) => /ERROR|Exception/.test(line)) ?? '';
  }

  private async format(): Promise<void> {
    const data = join(this.folder, 'data');
    const formatted = existsSync(join(data, 'meta.properties'));
    if (formatted) this.clientPort = this.rememberedPort();
    else {
      this.clientPort = this.options.port ?? (await freePort());
      const ports = { client: this.clientPort, controller: await freePort() };
      writeFileSync(this.propertiesFile, serverProperties(data, ports, this.options.security ?? null), {
        mode: 0o600,
      });
      rmSync(data, { recursive: true, force: true });
      await this.storageTool();
    }
  }

  private rememberedPort(): number {
    const properties = readFileSync(this.propertiesFile, 'utf8');
    return Number(/CLIENT:\/\/127\.0\.0\.1:(\d+)/.exec(properties)?.[1]);
  }

  private async storageTool(): Promise<void> {
    const { security } = this.options;
    const users = security === undefined ? [] : [security.admin, ...security.users];
    const scram = users.flatMap(({ name, password }) => [
      '--add-scram',
      `SCRAM-SHA-512=[name=${name},password=${password}]`,
    ]);
    const cluster = clusterId();
    const { code, output } = await run(
      this.distribution.java,
      this.arguments('kafka.tools.StorageTool', 'format', '-t', cluster, '-c', this.propertiesFile, ...scram),
    );
    if (code !== 0)
      throw new BrokerUnusable(
        'start-failed',
        `Kafka could not make its files: ${output}`,
        'Check free disk space, and that no user’s name or password has a comma.',
      );
  }

  private arguments(main: string, ...rest: readonly string[]): string[] {
    return [...JVM, '-cp', this.distribution.classpath, main, ...rest];
  }

  private async becomeReady(child: ChildProcess): Promise<void> {
    const until = Date.now() + START_MS;
    // A process of its own: a client that is told "not yet" by a starting broker keeps timers that hold up the caller's end.
    const { admin, keyStore } = this.options.security ?? {};
    const login = admin === undefined ? [] : [admin.name, admin.password];
    const probe = [READY, this.address, ...login, ...(keyStore === undefined ? [] : [keyStore.caFile])];
    let output = '';
    while (Date.now() < until && this.pid !== null) {
      // Each probe is a process: before anybody listens it would only take time from the broker that starts.
      const result = (await listens(this.clientPort)) ? await run(process.execPath, probe) : NOBODY_LISTENS;
      if (result.code === 0) return;
      ({ output } = result);
      await delay(200);
    }
    child.kill('SIGKILL');
    throw new BrokerUnusable(
      'start-failed',
      `Kafka did not become ready. ${output} ${this.lastError()}`,
      `Its log says more: ${join(this.folder, 'broker.log')}`,
    );
  }
}

function run(program: string, args: readonly string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: START_MS });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-2000);
      });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output: output.trim() }));
  });
}

const NOBODY_LISTENS = { code: null, output: 'Nobody listens on its port.' } as const;

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** @returns 16 random bytes in base64url, as Kafka wants it; one that began with `-` would be taken for an option */
function clusterId(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? clusterId() : id;
}
