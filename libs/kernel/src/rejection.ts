/** Something that is missing before a step can be passed, and who can supply it. */
export interface Missing {
  /** What is missing, as a sentence fragment that a person understands: "approval by SCO". */
  readonly what: string;
  /** Who must act: a body ("SCO"), "partner", "platform", or "validation", "rollout", "monitoring". */
  readonly who: string;
  /** The id of the requirement in the playbook, for example `approval:SCO`. */
  readonly requirement: string;
}

const MARK = Symbol.for('kwanus.DomainRejection');

/** The rules of the domain refuse a command. Never retried: the answer is part of the record. */
export class DomainRejection extends Error {
  override readonly name = 'DomainRejection';
  readonly [MARK] = true;

  /**
   * @param code kebab-case and stable, for example `not-in-review`
   * @param message what was found and what to do about it
   * @param missing what has to be supplied first, and by whom
   */
  constructor(
    readonly code: string,
    message: string,
    readonly missing: readonly Missing[] = [],
  ) {
    super(message);
  }
}

/** Works across copies of this package, unlike `instanceof`. */
export const isDomainRejection = (error: unknown): error is DomainRejection =>
  typeof error === 'object' && error !== null && MARK in error;
