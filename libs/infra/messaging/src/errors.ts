/** A topic exists, but not as the code says: partitions and retention are fixed at creation. */
export class TopicMismatch extends Error {
  override readonly name = 'TopicMismatch';
  readonly code = 'topic-mismatch';
}

/** A topic that nobody created. */
export class UnknownTopic extends Error {
  override readonly name = 'UnknownTopic';
  readonly code = 'unknown-topic';
  constructor(topic: string) {
    super(`The topic "${topic}" does not exist. Create it with ensureTopics before it is used.`);
  }
}

/** The transport can't be reached, or takes no more for the moment; `cause` says why. Try again later. */
export class TransportUnavailable extends Error {
  override readonly name = 'TransportUnavailable';
  readonly code = 'unavailable';
}

/** The partition is held by another member now: what this one does for it no longer counts. */
export class Fenced extends Error {
  override readonly name = 'Fenced';
  readonly code = 'fenced';
  constructor(topic: string, partition: number) {
    super(`${topic}/${partition} was given to another member of the group; its position was not moved.`);
  }
}

/** Retention removed messages before the group had read them. */
export class MessagesExpired extends Error {
  override readonly name = 'MessagesExpired';
  readonly code = 'messages-expired';
  constructor(place: string, from: bigint, to: bigint) {
    super(
      `${place}: positions ${from} to ${to - 1n} were removed by retention before this group read them; it goes on at ${to}. Lengthen the topic's retention or add members.`,
    );
  }
}
