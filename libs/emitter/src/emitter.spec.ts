import { describe, expect, it, jest } from '@jest/globals';
import type { telemetryMessages } from '@kwanus/contracts';
import type { z } from 'zod';
import { type ApiCall, Emitter, type EmitterOptions, type ExtensionRun } from './index.js';
import type { PermissionUse, WorkflowRun } from './telemetry.js';

type Timed<T> = Omit<T, 'at'> & { readonly at: string };
type Contract<Schema extends z.ZodType> = Readonly<z.infer<Schema>>;
type Same<A, B> = [A, B] extends [B, A] ? true : never;
/** Does not compile when the types that are published say something else than the contract. */
const PUBLISHED_TYPES: readonly [
  Same<Timed<ApiCall>, Contract<typeof telemetryMessages.ApiCall>>,
  Same<Timed<WorkflowRun>, Contract<typeof telemetryMessages.WorkflowRun>>,
  Same<Timed<PermissionUse>, Contract<typeof telemetryMessages.PermissionUse>>,
] = [true, true, true];
/** A target that may be undefined is as good as none. */
const EXTENSION: Timed<ExtensionRun> extends Contract<typeof telemetryMessages.ExtensionRun> ? true : never =
  true;

const call = {
  integration: 'acme.crm',
  release: '1.0.0',
  workspace: 'w1',
  operation: 'a',
  status: 200,
  durationMs: 1,
};
const NOBODY: EmitterOptions = { url: 'http://127.0.0.1:9', token: 't', source: 'acme/checkout' };

describe('Emitter', () => {
  it('is typed as the contract is', () => {
    expect([...PUBLISHED_TYPES, EXTENSION]).toEqual([true, true, true, true]);
  });

  it.each<[string, unknown]>([
    ['a status that HTTP does not have', { ...call, status: 9000 }],
    ['nothing at all', undefined],
    ['null', null],
    [
      'a property that throws',
      Object.defineProperty({ ...call }, 'workspace', {
        enumerable: true,
        get: () => {
          throw new RangeError('mine');
        },
      }),
    ],
    ['a number that is none', { ...call, durationMs: Number.NaN }],
    ['a time that is none', { ...call, at: 'yesterday' }],
  ])('never throws into its caller: %s', (_, facts) => {
    const telemetry = new Emitter({
      ...NOBODY,
      onDrop: () => {
        throw new RangeError('the fault of whoever listens');
      },
    });
    telemetry.apiCall(facts as ApiCall);
    expect(telemetry.counts).toMatchObject({ buffered: 0, dropped: { invalid: 1 } });
  });

  it('warns once for each reason when nobody listens, and counts all', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const telemetry = new Emitter({ ...NOBODY, maxBuffered: 1 });
    for (let n = 0; n < 5; n += 1) telemetry.apiCall({ ...call, status: 9000 });
    for (let n = 0; n < 5; n += 1) telemetry.apiCall(call);
    const texts = warned.mock.calls.map(([text]) => String(text));
    expect(texts).toEqual([
      expect.stringContaining('dropped (invalid): /status'),
      expect.stringContaining('dropped (full): 1 events wait already.'),
    ]);
    expect(telemetry.counts).toMatchObject({ buffered: 1, dropped: { invalid: 5, full: 4 } });
    await telemetry.close({ timeoutMs: 0 });
    warned.mockRestore();
  });

  it.each<[string, () => Partial<EmitterOptions>]>([
    ['while it waits for another attempt', () => ({ retryMs: 60_000 })],
    ['while it waits for a token', () => ({ token: () => new Promise<string>(() => undefined) })],
  ])('closes within its bound %s, and drops what is left', async (_, over) => {
    const telemetry = new Emitter({
      ...NOBODY,
      batchSize: 1,
      onDrop: () => undefined,
      ...over(),
    } as EmitterOptions);
    telemetry.apiCall(call);
    telemetry.apiCall(call);
    const counts = await telemetry.close({ timeoutMs: 50 });
    expect(counts).toMatchObject({ sent: 0, buffered: 0, dropped: { closed: 2 } });
    telemetry.apiCall(call);
    expect(telemetry.counts.dropped.closed).toBe(3);
    expect(await telemetry.close()).toBe(counts);
  });

  it('flushes and closes at once when it has nothing', async () => {
    const telemetry = new Emitter(NOBODY);
    await telemetry.flush();
    expect(await telemetry.close()).toMatchObject({ sent: 0, buffered: 0 });
  });

  it.each<[string, object, RegExp]>([
    ['no source', { source: '' }, /^source: Too small/],
    ['a URL that is none', { url: 'kwanus.example' }, /Invalid URL/],
    ['a batch larger than the platform takes', { batchSize: 1001 }, /^batchSize: Too big/],
    ['a batch of nothing', { batchSize: 0 }, /^batchSize: Too small/],
    ['no attempt', { maxAttempts: 0.5 }, /^maxAttempts: Invalid/],
    ['a negative pause', { retryMs: -1 }, /^retryMs: Too small/],
    ['no broker', { url: undefined, kafka: { brokers: [] } }, /^Name at least one broker/],
  ])('refuses at its construction: %s', (_, over, message) => {
    expect(() => new Emitter({ ...NOBODY, ...over } as EmitterOptions)).toThrow(message);
  });
});
