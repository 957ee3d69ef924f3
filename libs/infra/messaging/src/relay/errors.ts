/** A publisher named a message type that libs/contracts doesn't know, or data that its schema refuses. */
export class UnpublishableEvent extends Error {
  override readonly name = 'UnpublishableEvent';
  readonly code = 'unpublishable-event';
}

/** Another relay of the same log has taken over. */
export class RelayFenced extends Error {
  override readonly name = 'RelayFenced';
  readonly code = 'relay-fenced';
  constructor(service: string) {
    super(`Another relay publishes the log of ${service} now; this one waits for its turn.`);
  }
}
