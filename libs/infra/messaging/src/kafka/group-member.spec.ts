import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Admin, EachBatchPayload, Kafka } from 'kafkajs';
import type { ReceivedMessage } from '../transport.port.js';
import { faultOf } from './faults.js';
import { GroupMember } from './group-member.js';

/** kafkajs's consumer, as far as a member sees it: events are fired and batches handed over by the spec. */
class PlayedConsumer {
  readonly events = { GROUP_JOIN: 'join', HEARTBEAT: 'beat', REBALANCING: 'rebalancing', CRASH: 'crash' };
  readonly calls: string[] = [];
  readonly listeners = new Map<string, (event: { payload: unknown }) => void>();
  eachBatch: (payload: EachBatchPayload) => Promise<void> = async () => undefined;

  on(name: string, listener: (event: { payload: unknown }) => void): void {
    this.listeners.set(name, listener);
  }
  async connect(): Promise<void> {}
  async subscribe(): Promise<void> {}
  async disconnect(): Promise<void> {
    this.calls.push('disconnect');
  }
  commitOffsets: () => Promise<void> = async () => undefined;
  async run({ eachBatch }: { eachBatch: (payload: EachBatchPayload) => Promise<void> }): Promise<void> {
    this.eachBatch = eachBatch;
  }
  seek({ offset }: { offset: string }): void {
    this.calls.push(`seek ${offset}`);
  }
  pause(): void {
    this.calls.push('pause');
  }
  resume(): void {
    this.calls.push('resume');
  }
  join(): void {
    this.listeners.get('join')?.({ payload: { memberAssignment: { t: [0] } } });
  }
  async hand(from: number, to: number, stale = false): Promise<string[]> {
    const resolved: string[] = [];
    const offsets = Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
    await this.eachBatch({
      batch: {
        topic: 't',
        partition: 0,
        messages: offsets.map((offset) => ({ offset, key: null, value: null, headers: {} })),
        firstOffset: () => String(from),
        lastOffset: () => String(to),
      },
      isStale: () => stale,
      resolveOffset: (offset: string) => resolved.push(offset),
    } as unknown as EachBatchPayload);
    return resolved;
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('GroupMember', () => {
  let consumer: PlayedConsumer;
  let member: GroupMember;
  const got: string[] = [];
  const troubles: string[] = [];
  const ends = { low: '0', high: '500', committed: '100' };

  const start = async (sessionTimeoutMs: number): Promise<void> => {
    consumer = new PlayedConsumer();
    got.length = 0;
    troubles.length = 0;
    Object.assign(ends, { low: '0', high: '500', committed: '100' });
    const admin = {
      fetchTopicOffsets: async () => [{ partition: 0, offset: ends.high, high: ends.high, low: ends.low }],
      fetchOffsets: async () => [{ topic: 't', partitions: [{ partition: 0, offset: ends.committed }] }],
    };
    member = new GroupMember({
      options: {
        group: 'g',
        topics: ['t'],
        handler: async (batch: readonly ReceivedMessage[]) =>
          void got.push(...batch.map(({ position }) => position)),
        onTrouble: (error) => troubles.push(String(error)),
      },
      link: {
        kafka: { consumer: () => consumer } as unknown as Kafka,
        breakOff: () => undefined,
        end: (client) => client.disconnect(),
        faultOf: (error) => faultOf(error),
        ask: (question) => question(),
      },
      admin: admin as unknown as Admin,
      sessionTimeoutMs,
      joined: () => undefined,
    });
    await turn();
  };
  beforeEach(() => start(60_000));
  const join = async (): Promise<void> => {
    consumer.join();
    await turn();
  };

  it('fetches nothing before it knows where its group stands, and begins there', async () => {
    consumer.join();
    expect(consumer.calls).toEqual(['pause']);
    expect(await consumer.hand(300, 301)).toEqual([]);
    await turn();
    expect(consumer.calls).toEqual(['pause', 'seek 100', 'resume']);
    expect(await consumer.hand(100, 101)).toEqual(['101']);
    await turn();
    expect(got).toEqual(['100', '101']);
    await member.leave();
  });

  it('takes nothing that was fetched before it was told where to begin', async () => {
    await join();
    expect(await consumer.hand(100, 101, true)).toEqual([]);
    expect(got).toEqual([]);
    await member.leave();
  });

  it('leaves a fetch of an earlier generation, which would leave messages out, and fetches from where it stands', async () => {
    await join();
    expect(await consumer.hand(300, 301)).toEqual([]);
    expect(consumer.calls.at(-1)).toBe('seek 100');
    await turn();
    expect([got, troubles]).toEqual([[], []]);
    await member.leave();
  });

  it('goes on where messages still are when those before have expired, and says which are lost', async () => {
    await join();
    ends.low = '300';
    expect(await consumer.hand(300, 301)).toEqual(['301']);
    await turn();
    expect(got).toEqual(['300', '301']);
    expect(troubles).toEqual([
      expect.stringContaining('t/0: positions 100 to 299 were removed by retention'),
    ]);
    await member.leave();
  });

  it('tells of a commit that failed as of what is to be waited for', async () => {
    await join();
    consumer.commitOffsets = async () => {
      throw new Error('connect ECONNREFUSED');
    };
    await consumer.hand(100, 101);
    await turn();
    await member.leave();
    expect(troubles).toEqual([expect.stringMatching(/^TransportUnavailable: .*ECONNREFUSED/)]);
  });

  it('is told from an end that kafkajs does not announce: what is silent for three sessions is given up', async () => {
    await member.leave();
    await start(50);
    const reason = await member.life;
    expect(String(reason)).toContain('Nothing was heard of the group');
    expect(troubles).toEqual([String(reason)]);
    expect(consumer.calls).toContain('disconnect');
  });

  it('ends with the reason when kafkajs crashes', async () => {
    consumer.listeners.get('crash')?.({ payload: { error: new Error('an error that nobody foresaw') } });
    expect(String(await member.life)).toContain('an error that nobody foresaw');
  });
});
