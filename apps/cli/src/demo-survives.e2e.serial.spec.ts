import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { discardEmbeddedDatabase } from '@kwanus/database';
import { beside, ROOT } from '@kwanus/testing-infra';
import { seededRandom } from './soak/random.js';

/** Reproduces a run: `TEST_SEED=… npm run jest -- demo-survives`. */
const SEED = Number(process.env['TEST_SEED'] ?? Date.now() % 1_000_000);
const KILLS = 10;
const OUTAGE_MS = 10_000;
/** A demo that says nothing for longer hangs; where it hangs is told. It gives up itself when nothing moves for two minutes. */
const SILENT_MS = 180_000;
/** Of what the demo says before its audit trail (about 300 lines); the disturbances are spread over it. */
const LINES = 280;

/** One demo, as a user runs it, whose host is killed and whose database goes away. */
class DisturbedDemo {
  readonly folder = mkdtempSync(join(tmpdir(), 'kwanus-survives-'));
  readonly killed: number[] = [];
  readonly postmasters: number[] = [];
  readonly lines: string[] = [];
  outages = 0;
  private readonly demo: ChildProcess;
  private readonly moments: number[];
  private readonly outageAt: number;
  private disturbance: Promise<void> = Promise.resolve();
  /** Lines that tell of the integration, and how many there were at the last kill. */
  private told = 0;
  private toldAtKill = -1;

  constructor(private readonly next: () => number) {
    // As root PostgreSQL runs as a user of its own, which has to reach its folder.
    chmodSync(this.folder, 0o755);
    this.moments = Array.from({ length: KILLS }, (_, nr) => 4 + Math.floor(((nr + next()) * LINES) / KILLS));
    this.outageAt = Math.floor(LINES * (0.3 + 0.4 * next()));
    this.demo = beside(
      spawn(process.execPath, [join(ROOT, 'dist/kwanus.js'), 'demo', '--exit', '--data-dir', this.data], {
        cwd: ROOT,
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
    for (const stream of [this.demo.stdout, this.demo.stderr])
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.hear(line));
  }

  get data(): string {
    return join(this.folder, 'data');
  }

  /** @returns its exit code, or that it fell silent; a slow machine takes its time, but says something all along */
  async end(): Promise<number | null | 'hangs'> {
    const ended = new Promise<number | null>((resolve) => this.demo.once('close', resolve));
    for (;;) {
      const heard = this.lines.length;
      const code = await Promise.race([ended, pause(SILENT_MS, 'silent' as const, { ref: false })]);
      if (code !== 'silent') {
        await this.disturbance;
        return code;
      }
      if (this.lines.length === heard) return 'hangs';
    }
  }

  /** A host that was killed while the demo stopped it leaves its PostgreSQL to the next one, which never comes. */
  async remove(): Promise<void> {
    this.demo.kill('SIGKILL');
    await discardEmbeddedDatabase(this.data);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private hear(line: string): void {
    this.lines.push(line);
    if (!line.includes('the platform ended')) this.told += 1;
    const count = this.lines.length;
    if (this.moments.includes(count)) this.disturb(() => this.killHost());
    if (count === this.outageAt) this.disturb(() => this.takeDatabaseAway());
  }

  private disturb(disturbance: () => Promise<void>): void {
    this.disturbance = this.disturbance.then(disturbance);
  }

  private async killHost(): Promise<void> {
    await this.progress();
    await pause(Math.floor(this.next() * 300));
    const host = await this.nextHost();
    if (host === null) return;
    this.postmasters.push(this.postmaster());
    process.kill(host, 'SIGKILL');
    this.killed.push(host);
    this.toldAtKill = this.told;
  }

  /** Moments that pass during an outage come due together: were all their hosts killed in a row, the demo would get nowhere between them. */
  private async progress(): Promise<void> {
    while (this.told === this.toldAtKill && this.demo.exitCode === null) await pause(50);
  }

  /** A host that was not killed yet; null when the demo has ended. */
  private async nextHost(): Promise<number | null> {
    while (this.demo.exitCode === null) {
      const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
      const host = stdout
        .split('\n')
        .map((row) => row.trim().split(/\s+/))
        .find(
          ([, parent, ...args]) =>
            Number(parent) === this.demo.pid && args.join(' ').includes('dist/platform.js'),
        );
      if (host !== undefined && !this.killed.includes(Number(host[0]))) return Number(host[0]);
      await pause(50);
    }
    return null;
  }

  /** Killed, and kept from coming back: without its control file it does not start. */
  private async takeDatabaseAway(): Promise<void> {
    const place = join(this.data, 'postgres', 'global', 'pg_control');
    const away = `${place}.away`;
    const postmaster = this.postmaster();
    renameSync(place, away);
    process.kill(postmaster, 'SIGKILL');
    await pause(OUTAGE_MS);
    renameSync(away, place);
    this.outages += 1;
  }

  private postmaster(): number {
    return Number(readFileSync(join(this.data, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
  }
}

interface TrailEvent {
  readonly number: number;
  readonly text: string;
}

describe(`a demo whose host is killed ${KILLS} times and whose database is gone for ${OUTAGE_MS / 1000} s (seed ${SEED})`, () => {
  const demo = new DisturbedDemo(seededRandom(SEED));
  let code: number | null | 'hangs' = null;
  let text = '';

  beforeAll(async () => {
    code = await demo.end();
    text = demo.lines.join('\n');
  }, 1_000_000);
  afterAll(() => demo.remove());

  const trail = (): TrailEvent[] =>
    text
      .slice(text.indexOf('━━ Audit trail'))
      .split('\n')
      .flatMap((line) => {
        const [, number, said] = /^ {2} *(\d+) {2}(\S.*)$/.exec(line) ?? [];
        return number === undefined || said === undefined ? [] : [{ number: Number(number), text: said }];
      });
  const occurrences = (what: string): number => trail().filter((event) => event.text.includes(what)).length;

  it('finishes', () => {
    expect({ code, end: code === 0 ? '' : text.slice(-3_000) }).toEqual({ code: 0, end: '' });
    expect(new Set(demo.killed).size).toBe(KILLS);
    expect(demo.outages).toBe(1);
  });

  it('adopts the PostgreSQL that the killed host left behind', () => {
    // Before and after the outage the server is one and the same; the outage needs a new one.
    expect(new Set(demo.postmasters).size).toBeLessThanOrEqual(2);
  });

  it('loses nothing: the trail has every number once, and every chain holds', () => {
    const numbers = trail().map(({ number }) => number);
    expect(numbers.length).toBeGreaterThan(150);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(text).toContain(
      `Hash chain: ${numbers.length} events recomputed from the stored bytes, all of them hold`,
    );
  });

  it('does nothing twice: what a trail says once in peace it says once', () => {
    // Holds and alerts follow the telemetry, which the disturbances thin out; everything else has its place.
    const said = trail()
      .map((event) => event.text)
      .filter((line) => !/ is held at | waits at |^\S+ +(?:page|ticket) for /.test(line));
    expect(said.filter((line, index) => said.indexOf(line) !== index)).toEqual([]);
    for (const release of ['1.0.0', '1.1.0'])
      for (const step of [1, 2, 3, 4, 5, 6, 7])
        expect(occurrences(`release ${release} passes step ${step}`)).toBe(1);
    for (const release of ['1.0.0', '1.1.0']) {
      expect(occurrences(`release ${release} is signed off`)).toBe(1);
      expect(occurrences(`the rollout of ${release} is complete`)).toBe(1);
      for (const body of ['TSC', 'SCO', 'ERC', 'CGB'])
        expect(occurrences(`${body} approves sign-off:${body} of ${release}`)).toBe(1);
    }
    expect(occurrences('release 2.0.0 is rolled back by itself')).toBe(1);
  });
});
