import { createHash } from 'node:crypto';
import { uuidv5, uuidv7 } from '@kwanus/canonical';
import type { Topic } from '@kwanus/contracts';
import type { Json } from '@kwanus/kernel';
import type { Transport, TransportMessage } from '@kwanus/messaging';

/** A fact as another service tells it. */
export interface Told {
  readonly type: string;
  readonly streamId: string;
  readonly data: { readonly integrationId: string; readonly [key: string]: Json };
  /** A message id that is sent a second time. */
  readonly id?: string;
}

/** Another service's relay: stream versions without gaps, chained hashes. */
export class OtherService {
  readonly #versions = new Map<string, number>();
  #last: TransportMessage | null = null;

  constructor(
    private readonly transport: Transport,
    private readonly topic: Topic & { readonly owner: string },
  ) {}

  /** @returns the message's id, which stands in the fact as its cause */
  async tell({ type, streamId, data, id = uuidv7() }: Told): Promise<string> {
    const version = (this.#versions.get(streamId) ?? 0) + 1;
    this.#versions.set(streamId, version);
    this.#last = {
      key: data.integrationId,
      headers: {
        ce_specversion: '1.0',
        ce_id: id,
        ce_type: `${this.topic.name}.${type}.v1`,
        ce_source: this.topic.owner,
        ce_time: '2026-11-23T10:00:00.000000Z',
        ce_streamid: streamId,
        ce_streamversion: String(version),
        ce_prevhash: hashOf(streamId, version - 1),
        ce_eventhash: hashOf(streamId, version),
        ce_correlationid: uuidv5(streamId),
        'content-type': 'application/json',
      },
      body: Buffer.from(JSON.stringify(data)),
    };
    await this.transport.send(this.topic.name, [this.#last]);
    return id;
  }

  /** Sends the last message a second time, as a relay may that crashed before it noted the first. */
  async tellAgain(): Promise<void> {
    if (this.#last !== null) await this.transport.send(this.topic.name, [this.#last]);
  }
}

const hashOf = (streamId: string, version: number): string =>
  version === 0 ? '0'.repeat(64) : createHash('sha256').update(`${streamId} ${version}`).digest('hex');
