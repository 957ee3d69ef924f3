import type { Playbook } from '@kwanus/domain-playbook';
import { loadPlaybook, playbookVersions } from '@kwanus/playbook';
import { SERVICE_OPTIONS, type ServiceOptions } from '@kwanus/service';
import { Inject, Injectable } from '@nestjs/common';

/** The playbooks of this installation: data that ships with the code. */
@Injectable()
export class Playbooks {
  readonly #versions = playbookVersions();

  constructor(@Inject(SERVICE_OPTIONS) private readonly options: ServiceOptions) {}

  /** The one that new integrations are pinned to. */
  get current(): Playbook {
    return loadPlaybook(this.options.playbookVersion);
  }

  /** Every one, by version. */
  get all(): readonly Playbook[] {
    return this.#versions.map(loadPlaybook);
  }

  /** @returns the playbook of that version, or null when there is none */
  find(version: string): Playbook | null {
    return this.#versions.includes(version) ? loadPlaybook(version) : null;
  }

  /** @throws PlaybookRefused for a version that does not ship */
  of(version: string): Playbook {
    return loadPlaybook(version);
  }
}
