/** A topic exists, but not as the code says: partitions and retention are fixed at creation. */
export class TopicMismatch extends Error {
  override readonly name = 'TopicMismatch';
  readonly code = 'topic-mismatch';
}

/** The transport is there, but does not let us in or do this: login, certificate, rights. Waiting does not help. */
export class TransportRefused extends Error {
  override readonly name = 'TransportRefused';
  readonly code = 'transport-refused';
}

/** Somebody has rights on the transport that nobody but an owner may have. */
export class AccessMismatch extends Error {
  override readonly name = 'AccessMismatch';
  readonly code = 'access-mismatch';
}

/** A message that the transport can't carry, now or later. */
export class MessageTooLarge extends Error {
  override readonly name = 'MessageTooLarge';
  readonly code = 'message-too-large';
  constructor(topic: string, bytes: number, limit: number) {
    super(
      `A message for ${topic} has ${bytes} bytes; ${limit} are carried at most. Put what is large into the artefact store.`,
    );
  }
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

/** A topic ends before the position that its group stands at: it was made anew, or lost what it had. */
export class TopicBeganAnew extends Error {
  override readonly name = 'TopicBeganAnew';
  readonly code = 'topic-began-anew';
  constructor(place: string, position: string, end: string) {
    super(
      `${place} ends at ${end}, and its group stands at ${position}: the topic was made anew. It is read from its beginning; what was lost with the old one is sent again by its producers: kwanus relay rewind.`,
    );
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
