import { AssignerProtocol, Kafka, logLevel } from 'kafkajs';

/** How the members of a consumer group share its partitions. */
export interface Share {
  readonly group: string;
  /** False while its members still agree who reads what: then some have nothing yet. */
  readonly settled: boolean;
  /** Of each member, how many partitions it has. */
  readonly members: readonly number[];
}

/** @returns every consumer group of the broker that has members */
export async function sharesOf(broker: string): Promise<Share[]> {
  const admin = new Kafka({ brokers: [broker], clientId: 'soak', logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const { groups } = await admin.listGroups();
    const described = await admin.describeGroups(groups.map(({ groupId }) => groupId));
    return described.groups
      .filter(({ members }) => members.length > 0)
      .map(({ groupId, state, members }) => ({
        group: groupId,
        settled: state === 'Stable',
        members: members.map(({ memberAssignment }) => partitionsIn(memberAssignment)),
      }));
  } finally {
    await admin.disconnect();
  }
}

const partitionsIn = (assignment: Buffer): number =>
  Object.values(AssignerProtocol.MemberAssignment.decode(assignment)?.assignment ?? {}).flat().length;
