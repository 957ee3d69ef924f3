import { join } from 'node:path';
import { validationHttp } from '@kwanus/contracts';
import { submitFolder } from '../commands/submit.js';
import { Driver } from './driver.js';
import type { Narrator } from './narrator.js';
import type { Company } from './people.js';
import { assemble, type DemoRelease } from './submission.js';
import { Traffic } from './traffic.js';

export const INTEGRATION = 'readme.developer-hub';
const PERMISSION = {
  id: 'releases:read',
  title: 'Read published releases',
  owner: 'platform',
  resource: 'release',
  actions: ['read'],
  reason: 'Integrations that announce releases read their title, notes and version.',
} as const;
const EVIDENCE = {
  scaffolding: 'preparation/scaffolding.json',
  workflow: 'workflows/announce-release.yaml',
  permissionMapping: 'preparation/permission-mapping.yaml',
  sandbox: 'preparation/sandbox.yaml',
  development: 'implementation/development.md',
  testing: 'implementation/test-report.xml',
  documentation: 'docs/integration-guide.md',
} as const;

export interface StageOptions {
  readonly company: Company;
  readonly narrator: Narrator;
  /** Where submissions are put together. */
  readonly folder: string;
}

/** What the acts of the demo share: people, narrator, traffic. */
export class Stage {
  readonly company: Company;
  readonly narrator: Narrator;
  /** Release → share of its calls that fail. */
  readonly failing = new Map<string, number>();
  /** Check → what it said last. */
  readonly said = new Map<string, string>();
  private traffic: Traffic | null = null;

  constructor(private readonly options: StageOptions) {
    this.company = options.company;
    this.narrator = options.narrator;
  }

  async introduce(address: string, dataDir: string): Promise<void> {
    const { client } = await this.company.player('operator');
    const playbook = await client.playbook('1.0-demo');
    this.narrator.text(
      [
        'KWANUS partner integration: one integration, from proposal to sign-off.',
        `The whole platform runs on ${address}, with a real PostgreSQL; its data is in ${dataDir}.`,
        `Playbook ${playbook.version} is playbook ${playbook.overlays ?? ''} with shorter times: dwell and bake times, telemetry windows, watermark,`,
        'burn windows and minimum requests, and nothing else. Every event of this run names it.',
        "The contract is ReadMe's published REST API, three real versions of it, from the npm package @readme/oas-examples (MIT).\n",
      ].join('\n'),
    );
  }

  /** A permission that nobody knows can't be asked for: it is proposed, and let in by SCO. */
  async registerPermission(): Promise<void> {
    const [operator, officer] = [await this.company.player('operator'), await this.company.player('SCO')];
    const known = await operator.client.calls.get('/v1/permissions', validationHttp.RegistryView);
    if (known.permissions.some(({ id, status }) => id === PERMISSION.id && status === 'active')) return;
    const proposed = await operator.client.calls.post(
      '/v1/permissions',
      PERMISSION,
      validationHttp.RegistryCommitted,
    );
    this.narrator.did(
      operator.name,
      `proposes the permission ${PERMISSION.id} (registry version ${proposed.registryVersion})`,
    );
    const decided = await officer.client.calls.post(
      `/v1/permissions/${PERMISSION.id}/decisions`,
      { decision: 'activate', reason: 'Read-only, bounded to the workspace, no personal data.' },
      validationHttp.RegistryCommitted,
    );
    this.narrator.did(officer.name, `lets ${PERMISSION.id} in (registry version ${decided.registryVersion})`);
  }

  /** Puts a release's submission together and submits it as the partner. */
  async submit(release: DemoRelease): Promise<Driver> {
    const folder = join(this.options.folder, release.version);
    assemble(release, folder);
    const { client, name } = await this.company.player('partner');
    const done = await submitFolder({ client: () => client }, folder);
    this.narrator.did(
      name,
      `submits ${INTEGRATION} ${release.version}: ${done.files} files, ${done.sent} uploaded; contract ${release.contractVersion}`,
    );
    return new Driver({
      integration: INTEGRATION,
      company: this.company,
      narrator: this.narrator,
      folder,
      evidence: EVIDENCE,
      version: done.version,
    });
  }

  /** Begins the traffic of the platform's own services; it goes on until the demo ends. */
  async startTraffic(): Promise<void> {
    if (this.traffic !== null) return;
    const { client } = await this.company.player('telemetry');
    this.traffic = new Traffic({
      client,
      integration: INTEGRATION,
      operations: ['createChangelog', 'getChangelogs', 'getDoc', 'getVersions'],
      workflow: 'announce-release',
      permission: 'releases:read',
      errorRate: (release) => this.failing.get(release) ?? 0,
      onTrouble: () => undefined,
    });
    this.traffic.start();
  }

  async stopTraffic(): Promise<void> {
    await this.traffic?.stop();
  }
}
