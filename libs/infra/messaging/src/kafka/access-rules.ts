/** What a user may do; the names are those of kafka-acls.sh. */
export type Operation = 'read' | 'write' | 'create' | 'describe' | 'describe-configs';

/** One user's rights on one topic or group, or on all whose names begin alike. */
export interface AccessRule {
  /** As it logs in: `intake`. */
  readonly user: string;
  readonly on: 'topic' | 'group';
  readonly name: string;
  readonly prefixed: boolean;
  readonly operations: readonly Operation[];
}

/** A topic as far as rights go. */
export interface OwnedTopic {
  readonly name: string;
  /** `kwanus/intake`: the one service that writes it; null: whoever is named as an emitter, and `reader`. */
  readonly owner: string | null;
}

/** Who there is: one principal a service. */
export interface Principals {
  /** Names of services; each logs in under its own. */
  readonly services: readonly string[];
  readonly topics: readonly OwnedTopic[];
  /** The service that takes in what has no owner (telemetry), and passes on what comes by HTTP. */
  readonly reader: string;
  /** Users of other teams' services: they may write what has no owner, and nothing else. */
  readonly emitters?: readonly string[];
}

const LOOK: readonly Operation[] = ['describe', 'describe-configs'];

/**
 * The rights that the platform runs with: only its owner writes a topic, each group is read only by its service, and a service's
 * dead letters are its own affair.
 */
export function accessRules({ services, topics, reader, emitters = [] }: Principals): AccessRule[] {
  const onTopic = (user: string, name: string, operations: readonly Operation[]): AccessRule => ({
    user,
    on: 'topic',
    name,
    prefixed: false,
    operations,
  });
  const ofServices = services.flatMap((user) => [
    ...topics.map(({ name, owner }) => onTopic(user, name, [...LOOK, ...exchange(user, owner, reader)])),
    {
      user,
      on: 'topic' as const,
      name: `${user}.`,
      prefixed: true,
      operations: [...LOOK, 'create', 'read', 'write'] as const,
    },
    {
      user,
      on: 'group' as const,
      name: `${user}.`,
      prefixed: true,
      operations: ['describe', 'read'] as const,
    },
  ]);
  const ownerless = topics.filter(({ owner }) => owner === null);
  return [
    ...ofServices,
    ...emitters.flatMap((user) => ownerless.map(({ name }) => onTopic(user, name, ['describe', 'write']))),
  ];
}

function exchange(user: string, owner: string | null, reader: string): readonly Operation[] {
  if (owner === null) return user === reader ? ['read', 'write'] : [];
  return owner === `kwanus/${user}` ? ['write'] : ['read'];
}
