import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Broker } from '@kwanus/broker';
import { SERVICES } from '@kwanus/contracts';
import { freePort, Server } from '@kwanus/database';
import { DEMO_PLAYBOOK } from '../demo/host.js';
import { type PlatformProcess, startPlatformProcess } from '../host/platform-process.js';

export type Service = (typeof SERVICES)[number];

/** One process of the platform. */
export interface ServiceProcess {
  readonly service: Service;
  readonly pid: number;
  /** So old that it has worked for longer than a start takes, also on a machine that became slower meanwhile. */
  readonly settled: boolean;
}

/** What is run, and where. */
export interface SoakedPlatformOptions {
  /** Everything that is written is below it. */
  readonly folder: string;
  readonly identitiesFile: string;
  /** Processes of each service. */
  readonly instances: number;
  /** A line of a process that went wrong. */
  readonly onLog: (line: string) => void;
}

const LOOK_EVERY_MS = 50;
/** How many starts old a process is before it is killed. */
const STARTS = 3;

/** Four services as processes over an Apache Kafka and a PostgreSQL that can be taken away. */
export class SoakedPlatform {
  readonly data: string;
  readonly broker: Broker;
  private process: PlatformProcess | null = null;
  private startMs = 0;

  constructor(private readonly options: SoakedPlatformOptions) {
    // As root PostgreSQL runs as a user of its own, which has to reach its folder.
    chmodSync(options.folder, 0o755);
    this.data = join(options.folder, 'data');
    this.broker = new Broker(join(options.folder, 'kafka'));
  }

  /** @returns the gateway's address */
  async start(): Promise<string> {
    await this.broker.start();
    const began = Date.now();
    const { identitiesFile, instances, onLog } = this.options;
    this.process = startPlatformProcess({
      shape: 'distributed',
      environment: {
        KAFKA_BROKERS: this.broker.address,
        KWANUS_DATA_DIR: this.data,
        KWANUS_PLAYBOOK: DEMO_PLAYBOOK,
        KWANUS_PORT: String(await freePort()),
        KWANUS_IDENTITIES: identitiesFile,
        KWANUS_INSTANCES: String(instances),
        KWANUS_LOG_LEVEL: 'warn',
      },
      onLog,
    });
    const address = await this.process.ready;
    this.startMs = Date.now() - began;
    return address;
  }

  async stop(): Promise<void> {
    await this.process?.stop();
    await this.broker.stop();
  }

  /** Rejects when the platform gives up. */
  async failure(): Promise<never> {
    const { code, said } = (await this.process?.ended) ?? { code: null, said: [] };
    throw new Error(`The platform ended with ${code ?? 'a signal'}: ${said.join('\n')}`);
  }

  /** @returns the service processes that run at this moment */
  processes(): ServiceProcess[] {
    const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,etimes=,args='], { encoding: 'utf8' });
    return stdout.split('\n').flatMap((row) => {
      const [pid, parent, age, ...args] = row.trim().split(/\s+/);
      if (Number(parent) !== this.process?.pid) return [];
      const service = SERVICES.find((name) => args.join(' ').includes(join('dist', `${name}.js`)));
      return service === undefined
        ? []
        : [{ service, pid: Number(pid), settled: Number(age) * 1000 > STARTS * this.startMs }];
    });
  }

  /** @returns how to read a database of the platform, as its superuser */
  databaseUrl(database: string): string {
    return this.postgres.url(database);
  }

  /** Kills the broker, and starts it again after a time. */
  async brokerGone(ms: number): Promise<void> {
    await this.broker.kill();
    await pause(ms);
    await this.broker.start();
  }

  /** Kills PostgreSQL and keeps it from coming back for a time: without its control file it does not start. */
  async postgresGone(ms: number): Promise<void> {
    const folder = join(this.postgresFolder, 'postgres');
    const place = join(folder, 'global', 'pg_control');
    const postmaster = Number(readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n')[0]);
    renameSync(place, `${place}.away`);
    process.kill(postmaster, 'SIGKILL');
    await pause(ms);
    renameSync(`${place}.away`, place);
  }

  /** Resolves when every service has its processes again. */
  async whole(): Promise<void> {
    while (SERVICES.some((name) => this.running(name) < this.options.instances)) await pause(LOOK_EVERY_MS);
  }

  private running(service: Service): number {
    return this.processes().filter((one) => one.service === service).length;
  }

  private get postgresFolder(): string {
    return join(this.data, 'distributed', 'database');
  }

  private get postgres(): Server {
    return new Server(this.postgresFolder);
  }
}
