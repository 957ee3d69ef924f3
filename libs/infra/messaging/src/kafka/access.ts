import { setTimeout as delay } from 'node:timers/promises';
import kafkajs, { type AclEntry, type AclOperationTypes, type Admin } from 'kafkajs';
import { AccessMismatch, TransportUnavailable } from '../errors.js';
import type { AccessRule, Operation, OwnedTopic } from './access-rules.js';

// Node finds only some names of a CommonJS module, and these are not among them.
const { AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;
const OPERATIONS: Readonly<Record<Operation, AclOperationTypes>> = {
  read: kafkajs.AclOperationTypes.READ,
  write: kafkajs.AclOperationTypes.WRITE,
  create: kafkajs.AclOperationTypes.CREATE,
  describe: kafkajs.AclOperationTypes.DESCRIBE,
  'describe-configs': kafkajs.AclOperationTypes.DESCRIBE_CONFIGS,
};
const WRITING = new Set<AclOperationTypes>([kafkajs.AclOperationTypes.WRITE, kafkajs.AclOperationTypes.ALL]);
const ANY_HOST = '*';
const HEARD_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 100;
const EVERYTHING = {
  resourceType: AclResourceTypes.ANY,
  resourcePatternType: ResourcePatternTypes.ANY,
  operation: kafkajs.AclOperationTypes.ANY,
  permissionType: AclPermissionTypes.ANY,
};

/**
 * Makes the brokers' access rules those of the code: grants what is missing to the users that the rules name, takes away what they
 * have beyond it, and leaves other users alone.
 * Resolves when the brokers have heard of it.
 * @throws AccessMismatch when another user may write a topic that has an owner; TransportUnavailable when they do not hear of it in 30 s
 */
export async function ensureAccess(
  admin: Admin,
  rules: readonly AccessRule[],
  topics: readonly OwnedTopic[],
): Promise<void> {
  const wanted = rules.flatMap(entriesOf);
  const managed = new Set(wanted.map(({ principal }) => principal));
  const found = await entriesFound(admin);
  const [has, needs] = [new Set(found.map(keyOf)), new Set(wanted.map(keyOf))];
  const missing = wanted.filter((entry) => !has.has(keyOf(entry)));
  if (missing.length > 0) await admin.createAcls({ acl: missing });
  const tooMuch = found.filter((entry) => managed.has(entry.principal) && !needs.has(keyOf(entry)));
  if (tooMuch.length > 0) await admin.deleteAcls({ filters: tooMuch });
  if (missing.length + tooMuch.length > 0) await untilHeard(admin, missing, tooMuch);
  refuseForeignWriters(
    found.filter(({ principal }) => !managed.has(principal)),
    topics,
  );
}

/** A broker answers a change before it has read it from the metadata log itself: who asks it next would see what was. */
async function untilHeard(
  admin: Admin,
  granted: readonly AclEntry[],
  taken: readonly AclEntry[],
): Promise<void> {
  for (const until = performance.now() + HEARD_WITHIN_MS; ; await delay(LOOK_EVERY_MS)) {
    const known = new Set((await entriesFound(admin)).map(keyOf));
    if (granted.every((entry) => known.has(keyOf(entry))) && !taken.some((entry) => known.has(keyOf(entry))))
      return;
    if (performance.now() > until)
      throw new TransportUnavailable('The brokers have not heard of new access rules: look into their logs.');
  }
}

function refuseForeignWriters(foreign: readonly AclEntry[], topics: readonly OwnedTopic[]): void {
  for (const { name, owner } of topics) {
    const writer = owner === null ? undefined : foreign.find((entry) => mayWrite(entry, name));
    if (writer !== undefined)
      throw new AccessMismatch(
        `${writer.principal} may write the topic "${name}", which only ${owner} may. Take it away: kafka-acls.sh --remove --allow-principal ${writer.principal} --operation All --topic ${writer.resourceName}.`,
      );
  }
}

function mayWrite(entry: AclEntry, topic: string): boolean {
  if (entry.resourceType !== AclResourceTypes.TOPIC || entry.permissionType !== AclPermissionTypes.ALLOW)
    return false;
  const { resourceName, resourcePatternType } = entry;
  const covers =
    resourcePatternType === ResourcePatternTypes.PREFIXED
      ? topic.startsWith(resourceName)
      : resourceName === topic || resourceName === '*';
  return covers && WRITING.has(entry.operation);
}

const entriesOf = ({ user, on, name, prefixed, operations }: AccessRule): AclEntry[] =>
  operations.map((operation) => ({
    principal: `User:${user}`,
    host: ANY_HOST,
    resourceType: on === 'topic' ? AclResourceTypes.TOPIC : AclResourceTypes.GROUP,
    resourceName: name,
    resourcePatternType: prefixed ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
    operation: OPERATIONS[operation],
    permissionType: AclPermissionTypes.ALLOW,
  }));

async function entriesFound(admin: Admin): Promise<AclEntry[]> {
  const { resources } = await admin.describeAcls(EVERYTHING);
  return resources.flatMap(({ acls, ...resource }) => acls.map((acl) => ({ ...acl, ...resource })));
}

const keyOf = (entry: AclEntry): string =>
  JSON.stringify([
    entry.principal,
    entry.host,
    entry.resourceType,
    entry.resourceName,
    entry.resourcePatternType,
    entry.operation,
    entry.permissionType,
  ]);
