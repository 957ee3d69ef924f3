import { createHash } from 'node:crypto';
import { uuidv5, uuidv7 } from '@kwanus/canonical';
import type { Topic } from '@kwanus/contracts';
import type { Clock, JsonObject } from '@kwanus/kernel';
import type { Transport, TransportMessage } from '@kwanus/messaging';

/** A fact as another service tells it. */
export interface Told {
  /** Without the topic and the version: `run-finished`. */
  readonly type: string;
  readonly streamId: string;
  readonly data: JsonObject;
  /** The id of the message; a new one where it is left out. */
  readonly id?: string;
}

/** Another service's relay: stream versions without gaps, chained hashes. What it tells happened just now by the clock given. */
export class OtherService {
  readonly #versions = new Map<string, number>();

  constructor(
    private readonly transport: () => Transport,
    private readonly topic: Topic & { readonly owner: string },
    private readonly clock: Clock = { now: () => Date.UTC(2026, 10, 23, 10) },
  ) {}

  /** @returns the message; the facts that it causes name its `ce_id` */
  async tell({ type, streamId, data, id = uuidv7() }: Told): Promise<TransportMessage> {
    const version = (this.#versions.get(streamId) ?? 0) + 1;
    this.#versions.set(streamId, version);
    const concerned = data['integrationId'];
    const message: TransportMessage = {
      key: typeof concerned === 'string' ? concerned : streamId,
      headers: {
        ce_specversion: '1.0',
        ce_id: id,
        ce_type: `${this.topic.name}.${type}.v1`,
        ce_source: this.topic.owner,
        ce_time: new Date(this.clock.now()).toISOString(),
        ce_streamid: streamId,
        ce_streamversion: String(version),
        ce_prevhash: hashOf(streamId, version - 1),
        ce_eventhash: hashOf(streamId, version),
        ce_correlationid: uuidv5(streamId),
        'content-type': 'application/json',
      },
      body: Buffer.from(JSON.stringify(data)),
    };
    await this.again(message);
    return message;
  }

  /** Delivers a message once more, as every transport may. */
  async again(message: TransportMessage): Promise<void> {
    await this.transport().send(this.topic.name, [message]);
  }
}

const hashOf = (streamId: string, version: number): string =>
  version === 0 ? '0'.repeat(64) : createHash('sha256').update(`${streamId} ${version}`).digest('hex');
