import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { developmentKeyFile, loadIdentities, personOf, signDevelopmentToken } from '@kwanus/auth';
import { kwanus, type Ran, ROOT } from '@kwanus/testing-infra';
import type { Answer, Ask } from './every-answer.js';

const LOOK_EVERY_MS = 100;

/** The main job as a newcomer runs it, from the build, in a folder of its own; what is answered while it goes on is kept. */
export class RecordedDemo {
  private readonly folder = mkdtempSync(join(tmpdir(), 'kwanus-demo-'));
  private readonly identities = loadIdentities(join(ROOT, 'identities.yaml'));
  private readonly tokens = new Map<string, string>();
  readonly data = join(this.folder, 'data');
  /** Version of the integration → the answer that was given when it stood there. */
  readonly live = new Map<number, string>();
  ran: Ran = { code: null, stdout: '', stderr: '' };

  constructor(private readonly integration: string) {
    // As root PostgreSQL runs as a user of its own, which has to reach its folder.
    chmodSync(this.folder, 0o755);
  }

  async run(): Promise<void> {
    let ask: Ask | null = null;
    let over = false;
    const demo = kwanus(['demo', '--exit', '--data-dir', this.data], {}, (stdout) => {
      const address = /The whole platform runs on (\S+),/.exec(stdout)?.[1];
      if (address !== undefined) ask ??= this.asking(address);
    }).finally(() => {
      over = true;
    });
    while (!over) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      if (ask !== null) await this.look(ask);
    }
    this.ran = await demo;
  }

  /** @returns what asks a platform that runs on this folder, as one of the development identities */
  asking(address: string): Ask {
    return async (path, as): Promise<Answer> => {
      const response = await fetch(`${address}${path}`, {
        headers: { authorization: `Bearer ${await this.token(as)}` },
      });
      return {
        status: response.status,
        etag: response.headers.get('etag'),
        type: response.headers.get('content-type'),
        text: await response.text(),
      };
    };
  }

  async token(name: string): Promise<string> {
    const person = personOf(this.identities, name);
    if (person === undefined) throw new TypeError(`Nobody is called ${name}.`);
    const signed =
      this.tokens.get(name) ??
      (await signDevelopmentToken(developmentKeyFile(this.data), person, { identities: this.identities }));
    this.tokens.set(name, signed);
    return signed;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async look(ask: Ask): Promise<void> {
    const answer = await ask(`/v1/integrations/${this.integration}`, 'oscar').catch(() => null);
    if (answer?.status === 200)
      this.live.set((JSON.parse(answer.text) as { version: number }).version, answer.text);
  }
}
