/** A folder can't be taken as a submission; the message says what was found and what to do. */
export class FolderRefused extends Error {
  override readonly name = 'FolderRefused';

  constructor(
    readonly code:
      | 'not-a-folder'
      | 'no-manifest'
      | 'too-many-files'
      | 'too-large'
      | 'link-outside'
      | 'manifest-unreadable',
    message: string,
    options: ErrorOptions = {},
  ) {
    super(message, options);
  }
}

/** Bytes that were read no longer have the digest that they were asked for by: nothing may be judged by them. */
export class InputCorrupt extends Error {
  override readonly name = 'InputCorrupt';

  constructor(
    readonly path: string,
    readonly expected: string,
    readonly actual: string,
  ) {
    super(`${path} should have the digest ${expected} and has ${actual}.`);
  }
}
