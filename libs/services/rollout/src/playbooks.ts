import type { Playbook } from '@kwanus/domain-playbook';

/** Playbooks by version; an integration is pinned to the one that it began under. */
export class Playbooks {
  readonly #loaded = new Map<string, Playbook>();

  /**
   * @param current the version for what names none
   * @param load finds a version
   */
  constructor(
    private readonly current: string,
    private readonly load: (version: string) => Playbook,
  ) {}

  /** @throws whatever the loader says about an unknown or broken version */
  of(version: string | undefined): Playbook {
    const wanted = version ?? this.current;
    const playbook = this.#loaded.get(wanted) ?? this.load(wanted);
    this.#loaded.set(wanted, playbook);
    return playbook;
  }
}
