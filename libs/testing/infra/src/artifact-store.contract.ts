import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ArtifactStore } from '@kwanus/artifacts';

/** What the suite needs of an adapter. */
export interface ArtifactStoreHarness {
  readonly store: ArtifactStore;
  /** The largest artefact that this store takes. */
  readonly limitBytes: number;
  /** Changes the bytes that are kept, past every guard, as a broken disk would. */
  readonly corrupt: (digest: string, bytes: Uint8Array) => Promise<void>;
  readonly close: () => Promise<void>;
}

const digestOf = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Every adapter of ArtifactStore passes this. */
export function artifactStoreContract(name: string, open: () => Promise<ArtifactStoreHarness>): void {
  describe(`${name} as an artefact store`, () => {
    let harness: ArtifactStoreHarness;
    let store: ArtifactStore;
    beforeAll(async () => {
      harness = await open();
      store = harness.store;
    });
    afterAll(() => harness.close());

    it('gives back the bytes under their digest', async () => {
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      const digest = digestOf(bytes);
      expect(await store.put(digest, 'application/octet-stream', bytes)).toEqual({
        digest,
        size: 256,
        mediaType: 'application/octet-stream',
      });
      const kept = await store.get(digest);
      expect(kept).toMatchObject({ digest, size: 256, mediaType: 'application/octet-stream' });
      expect(Buffer.from(kept?.bytes ?? [])).toEqual(Buffer.from(bytes));
    });

    it('keeps nothing under a digest that the bytes don’t have', async () => {
      const digest = digestOf(bytesOf('what was promised'));
      await expect(store.put(digest, 'text/plain', bytesOf('what was sent'))).rejects.toMatchObject({
        name: 'DigestMismatch',
        claimed: digest,
        actual: digestOf(bytesOf('what was sent')),
      });
      expect(await store.get(digest)).toBeNull();
    });

    it.each([
      '',
      'sha256:',
      'md5:d41d8cd98f00b204e9800998ecf8427e',
      `sha256:${'A'.repeat(64)}`,
      `sha256:${'0'.repeat(65)}`,
    ])('refuses %j as a digest', async (digest) => {
      await expect(store.put(digest, 'text/plain', bytesOf('x'))).rejects.toMatchObject({
        name: 'DigestInvalid',
      });
      await expect(store.get(digest)).rejects.toMatchObject({ name: 'DigestInvalid' });
    });

    it('takes the same bytes again and changes nothing', async () => {
      const bytes = bytesOf('written once');
      const digest = digestOf(bytes);
      await store.put(digest, 'text/plain', bytes);
      expect((await store.put(digest, 'text/html', bytes)).mediaType).toBe('text/plain');
      expect((await store.get(digest))?.mediaType).toBe('text/plain');
    });

    it('takes the same bytes from many writers at once', async () => {
      const bytes = bytesOf('many at once');
      const digest = digestOf(bytes);
      const put = await Promise.all(Array.from({ length: 16 }, () => store.put(digest, 'text/plain', bytes)));
      expect(new Set(put.map((description) => description.digest))).toEqual(new Set([digest]));
    });

    it('takes as much as the limit and not a byte more', async () => {
      const full = new Uint8Array(harness.limitBytes);
      await store.put(digestOf(full), 'application/octet-stream', full);
      const over = new Uint8Array(harness.limitBytes + 1);
      await expect(store.put(digestOf(over), 'application/octet-stream', over)).rejects.toMatchObject({
        name: 'ArtifactTooLarge',
      });
    });

    it('takes no bytes at all, too', async () => {
      const none = new Uint8Array();
      await store.put(digestOf(none), 'text/plain', none);
      expect((await store.get(digestOf(none)))?.size).toBe(0);
    });

    it('says which digests are missing, in their order', async () => {
      const kept = bytesOf('kept');
      await store.put(digestOf(kept), 'text/plain', kept);
      const [one, two] = [digestOf(bytesOf('one that nobody put')), digestOf(bytesOf('two that nobody put'))];
      expect(await store.missing([two, digestOf(kept), one])).toEqual([two, one]);
      expect(await store.missing([])).toEqual([]);
    });

    it('never serves bytes that no longer have their digest', async () => {
      const bytes = bytesOf('whole');
      const digest = digestOf(bytes);
      await store.put(digest, 'text/plain', bytes);
      await harness.corrupt(digest, bytesOf('w_ole'));
      await expect(store.get(digest)).rejects.toMatchObject({ name: 'ArtifactCorrupt' });
    });
  });
}
