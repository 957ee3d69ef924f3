import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Binaries, findBinaries } from './binaries.js';
import { DatabaseUnusable } from './errors.js';
import { freePort } from './free-port.js';
import { assertReachable, databaseUser, type OsUser } from './os-user.js';

const SUPERUSER = 'kwanus';
const START_SECONDS = 60;
/** The longest path of a socket on Linux (108 bytes, unix(7)) and macOS (104), without its final zero. */
const SOCKET_PATH_BYTES = 103;

interface ServerFile {
  readonly port: number;
  readonly password: string;
}

/** One PostgreSQL cluster in a folder, run as a process of its own that outlives whoever started it. */
export class Server {
  private readonly binaries: Binaries = findBinaries();
  private readonly user: OsUser = databaseUser();
  private readonly data: string;
  private readonly file: string;

  /**
   * @param folder where cluster, log and connection file are kept; made if missing
   * @param settings server settings as on its command line, beside or instead of ours
   */
  constructor(
    private readonly folder: string,
    private readonly settings: Readonly<Record<string, string>> = {},
  ) {
    this.data = join(folder, 'postgres');
    this.file = join(folder, 'postgres.json');
  }

  /** Makes the cluster where there is none; a half-made one of a killed run is thrown away first. */
  async prepare(): Promise<void> {
    mkdirSync(this.folder, { recursive: true });
    if (this.user.uid !== undefined) chmodSync(this.folder, 0o755);
    assertReachable(this.user, this.folder, this.binaries.initdb);
    if (existsSync(join(this.data, 'PG_VERSION'))) return;

    const fresh = `${this.data}.new`;
    // A folder that is not mounted, or was moved, must not be answered with an empty database.
    if (existsSync(this.file) && !existsSync(fresh))
      throw new DatabaseUnusable(
        'data-gone',
        `The database of ${this.folder} is not where it was: ${this.data} is missing.`,
        `Bring it back (is the volume mounted?), or remove ${this.file} to begin with an empty one.`,
      );
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(fresh, { mode: 0o700 });
    this.handOver(fresh);
    const password = randomBytes(24).toString('base64url');
    const passwordFile = join(this.folder, 'postgres.pw');
    writeFileSync(passwordFile, password, { mode: 0o600 });
    this.handOver(passwordFile);
    try {
      await this.initialise(fresh, passwordFile);
    } finally {
      rmSync(passwordFile, { force: true });
    }
    this.remember({ port: await freePort(), password });
    renameSync(fresh, this.data);
  }

  /** Starts the server and waits until it answers; on another port where its own is taken. Does nothing where it runs already. */
  async start(): Promise<void> {
    if (await this.startOnKnownPort()) return;
    this.remember({ ...this.recall(), port: await freePort() });
    await this.restart();
  }

  /** Starts the server on the port that its users know already. Does nothing where it runs. */
  async restart(): Promise<void> {
    if (!(await this.startOnKnownPort()))
      throw new DatabaseUnusable(
        'start-failed',
        'PostgreSQL did not start.',
        `Its log says why: ${join(this.folder, 'postgres.log')}`,
      );
  }

  private async startOnKnownPort(): Promise<boolean> {
    if (this.running() !== null) return true;
    const { port } = this.recall();
    // Not every file system takes sockets: then TCP has to do.
    for (const withSocket of this.hasPlaceForSocket(port) ? [true, false] : [false]) {
      const { status } = await this.launch(port, withSocket);
      if (status === 0 || this.running() !== null) return true;
    }
    return false;
  }

  private hasPlaceForSocket(port: number): boolean {
    return Buffer.byteLength(this.socket(port)) <= SOCKET_PATH_BYTES;
  }

  /** Stops the server: connections are ended, everything committed is on disk. */
  async stop(): Promise<void> {
    if (this.running() === null) return;
    await this.control(['stop', '-D', this.data, '-m', 'fast', '-w', '-t', '30']);
  }

  /** @returns the postmaster's process id, or null when none runs on this folder */
  running(): number | null {
    const { status, stdout } = this.controlSync(['status', '-D', this.data]);
    const pid = /PID: (\d+)/.exec(stdout)?.[1];
    return status === 0 && pid !== undefined ? Number(pid) : null;
  }

  /**
   * The superuser's URL of a database on this server. It names the Unix socket of a server that runs: a query over that costs
   * 0.6 of what it costs over TCP. Who does not read the parameter `host` finds the server under address and port.
   */
  url(database: string): string {
    const { port, password } = this.recall();
    const tcp = `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;
    const hasSocket = this.hasPlaceForSocket(port) && isSocket(this.socket(port));
    return hasSocket ? `${tcp}?host=${encodeURIComponent(this.data)}` : tcp;
  }

  private socket(port: number): string {
    return join(this.data, `.s.PGSQL.${port}`);
  }

  get port(): number {
    return this.recall().port;
  }

  private async initialise(target: string, passwordFile: string): Promise<void> {
    const { code, stderr } = await run(
      this.binaries.initdb,
      [
        '--pgdata',
        target,
        '--username',
        SUPERUSER,
        '--pwfile',
        passwordFile,
        '--auth',
        'scram-sha-256',
        '--encoding',
        'UTF8',
        '--locale-provider',
        'builtin',
        '--builtin-locale',
        'C.UTF-8',
        '--locale',
        'C',
      ],
      this.user,
    );
    if (code !== 0)
      throw new DatabaseUnusable(
        'start-failed',
        `PostgreSQL could not make its files: ${stderr.trim()}`,
        'Check free disk space and the rights of the folder.',
      );
  }

  private launch(port: number, withSocket: boolean): Promise<{ status: number | null }> {
    const settings = {
      port: String(port),
      listen_addresses: '127.0.0.1',
      // The data folder, where nobody but the server's user and root may look.
      unix_socket_directories: withSocket ? '.' : '',
      max_connections: '200',
      log_lock_waits: 'on',
      ...this.settings,
    };
    const flags = Object.entries(settings).map(([name, value]) => `-c ${name}='${value}'`);
    const log = join(this.folder, 'postgres.log');
    if (!existsSync(log)) writeFileSync(log, '', { mode: 0o600 });
    this.handOver(log);
    return this.control([
      'start',
      '-D',
      this.data,
      '-w',
      '-t',
      String(START_SECONDS),
      '-l',
      log,
      '-o',
      flags.join(' '),
    ]);
  }

  private async control(args: readonly string[]): Promise<{ status: number | null }> {
    const { code } = await run(this.binaries.pgCtl, args, this.user);
    return { status: code };
  }

  private controlSync(args: readonly string[]): SpawnSyncReturns<string> {
    return spawnSync(this.binaries.pgCtl, args, {
      ...this.user,
      encoding: 'utf8',
      cwd: '/',
      env: environment(),
    });
  }

  private handOver(path: string): void {
    if (this.user.uid !== undefined && this.user.gid !== undefined)
      chownSync(path, this.user.uid, this.user.gid);
  }

  private recall(): ServerFile {
    return JSON.parse(readFileSync(this.file, 'utf8')) as ServerFile;
  }

  private remember(file: ServerFile): void {
    const fresh = `${this.file}.new`;
    writeFileSync(fresh, `${JSON.stringify(file)}\n`, { mode: 0o600 });
    renameSync(fresh, this.file);
  }
}

const isSocket = (path: string): boolean => existsSync(path) && statSync(path).isSocket();

/** The messages of the programs are read here, so they must not be translated. */
const environment = (): NodeJS.ProcessEnv => ({ PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' });

function run(
  program: string,
  args: readonly string[],
  user: OsUser,
): Promise<{ code: number | null; stderr: string }> {
  return new Promise((resolve, reject) => {
    // The server inherits these descriptors: a pipe on stdout would keep `close` from ever coming, so `exit` is awaited.
    const child = spawn(program, args, {
      ...user,
      cwd: '/',
      env: environment(),
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-4000);
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      child.stderr.destroy();
      resolve({ code, stderr });
    });
  });
}
