/** The embedded database can't be used; `remedy` says in one line what a person can do about it. */
export class DatabaseUnusable extends Error {
  override readonly name = 'DatabaseUnusable';

  constructor(
    readonly code:
      | 'held'
      | 'unreachable-folder'
      | 'no-binaries'
      | 'no-os-user'
      | 'start-failed'
      | 'data-gone'
      | 'lost',
    message: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(`${message} ${remedy}`, options);
  }
}
