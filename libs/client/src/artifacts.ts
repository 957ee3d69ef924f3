import { createHash } from 'node:crypto';
import { intakeHttp } from '@kwanus/contracts';
import type { z } from 'zod';
import { type Calls, segment } from './calls.js';
import { accepted, jsonOf } from './connection.js';
import { UnexpectedAnswer } from './errors.js';

type ArtifactView = z.infer<typeof intakeHttp.ArtifactView>;

/** The artefact store over HTTP. */
export class ArtifactsClient {
  constructor(private readonly calls: Calls) {}

  /** @returns those of the digests under which the store keeps nothing that the caller may see. @throws ApiProblem, Unreachable */
  async missing(digests: readonly string[]): Promise<ReadonlySet<string>> {
    if (digests.length === 0) return new Set();
    const answer = await this.calls.post('/v1/artifacts/missing', { digests }, intakeHttp.MissingArtifacts);
    return new Set(answer.missing);
  }

  /** Keeps the bytes under their SHA-256; keeping them again changes nothing. @throws ApiProblem, Unreachable */
  async put(content: Uint8Array, mediaType: string): Promise<ArtifactView> {
    const digest = createHash('sha256').update(content).digest('hex');
    const response = await this.calls.connection.send('PUT', `/v1/artifacts/${digest}`, {
      bytes: { content, mediaType },
    });
    return intakeHttp.ArtifactView.parse(await jsonOf(await accepted(response)));
  }

  /** @returns the bytes, hashed again on arrival. @throws ApiProblem, Unreachable, UnexpectedAnswer */
  async get(digest: string): Promise<Uint8Array> {
    const response = await accepted(
      await this.calls.connection.send('GET', `/v1/artifacts/${segment(digest)}`, { accept: '*/*' }),
    );
    const bytes = new Uint8Array(await response.arrayBuffer());
    const actual = createHash('sha256').update(bytes).digest('hex');
    if (actual !== digest)
      throw new UnexpectedAnswer(response.url, response.status, `bytes with the digest ${actual}`);
    return bytes;
  }
}
