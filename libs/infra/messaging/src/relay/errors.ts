/** A publisher named a message type that libs/contracts doesn't know, or data that its schema refuses. */
export class UnpublishableEvent extends Error {
  override readonly name = 'UnpublishableEvent';
  readonly code = 'unpublishable-event';
}

/** Another relay of the same log has taken over, or an operator has sent this one back to the beginning. */
export class RelayFenced extends Error {
  override readonly name = 'RelayFenced';
  readonly code = 'relay-fenced';
  constructor(service: string) {
    super(
      `The relay of ${service} goes on where its checkpoint stands now: another one publishes, or it was rewound.`,
    );
  }
}
