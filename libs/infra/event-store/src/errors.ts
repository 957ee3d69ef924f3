/** The stream was not at the version that the writer expected; retried whole by the outermost unit of work. */
export class VersionConflict extends Error {
  override readonly name = 'VersionConflict';

  constructor(
    readonly streamId: string,
    /** What the writer expected: a version, `no-stream` or `stream-exists`. */
    readonly expected: string,
    readonly actual: number,
    options?: ErrorOptions,
  ) {
    super(
      `${streamId} is at version ${actual}, expected was ${expected}: read it again, then decide.`,
      options,
    );
  }
}

/** A command id came a second time with other events than the first. */
export class CommandReused extends Error {
  override readonly name = 'CommandReused';

  constructor(
    readonly streamId: string,
    readonly commandId: string,
    options?: ErrorOptions,
  ) {
    super(`Command ${commandId} was appended to ${streamId} before, with other events.`, options);
  }
}

/** The events can't be stored as they are: U+0000, lone surrogates, unsafe numbers, more than 256 KiB, wrong ids. */
export class PayloadRefused extends Error {
  override readonly name = 'PayloadRefused';

  constructor(
    /** RFC 6901, from the append request on: `/events/0/data/name`. */
    readonly pointer: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`${pointer} ${reason}`, options);
  }
}

/** The database can't be reached, is too busy, or did not answer in time; `cause` says how it was seen. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}

/** The log may not be used as it is: a setting or a schema that would lose events. Refused at start. */
export class LogUnusable extends Error {
  override readonly name = 'LogUnusable';

  constructor(
    readonly code: 'synchronous-commit-off' | 'encoding' | 'server-too-old' | 'bad-name',
    message: string,
  ) {
    super(message);
  }
}

/** Somebody else rebuilds that projection at this moment. */
export class RebuildRunning extends Error {
  override readonly name = 'RebuildRunning';

  constructor(readonly projection: string) {
    super(`${projection} is being rebuilt already: wait until that has ended.`);
  }
}

/** A name that was not registered, or registered twice. */
export class RegistrationError extends Error {
  override readonly name = 'RegistrationError';
}
