import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Accumulator, mergeTotals } from './accumulator.js';
import { countDistinct } from './distinct.js';
import type { TelemetryFact } from './facts.js';
import { type Latency, latencyOf, mergeLatency, percentile } from './latency.js';
import { call, extension, run, use } from './telemetry.fixtures.js';
import { CAPS, NO_TOTALS, OTHER, type WindowTotals } from './totals.js';

const totalsOf = (facts: readonly TelemetryFact[]): WindowTotals =>
  facts.reduce((accumulator, fact) => accumulator.add(fact), new Accumulator()).totals();

const name = fc.oneof(
  fc.integer({ min: 0, max: 150 }).map((n) => `name-${n}`),
  fc.constantFrom('__proto__', 'constructor', 'ünï-✓'),
);
const durationMs = fc.double({ min: 0, max: 20_000, noNaN: true });
const workspace = fc.integer({ min: 0, max: 600 }).map((n) => `w-${n}`);
const fact: fc.Arbitrary<TelemetryFact> = fc.oneof(
  fc
    .record({ operation: name, workspace, durationMs, status: fc.constantFrom(200, 404, 500, 503) })
    .map((over) => call(over)),
  fc
    .record({
      workflow: name,
      workspace,
      durationMs,
      outcome: fc.constantFrom('succeeded', 'failed', 'timed-out', 'fell-back', 'cancelled'),
    })
    .map((over) => run(over)),
  fc
    .record({ permission: name, workspace, decision: fc.constantFrom('allowed', 'denied') })
    .map((over) => use(over)),
  fc
    .record({
      extension: name,
      target: name,
      durationMs,
      outcome: fc.constantFrom('succeeded', 'crashed', 'timed-out', 'denied'),
    })
    .map((over) => extension(over)),
);
const facts = fc.array(fact, { maxLength: 400, size: 'max' });

describe('Totals of a window', () => {
  it('[PB-10.03] count requests, 5xx failures and latency per operation', () => {
    const totals = totalsOf([
      call({ durationMs: 4 }),
      call({ status: 503, durationMs: 80 }),
      call({ status: 404 }),
      call({ operation: 'createOrder' }),
    ]);
    expect(
      totals.operations.map(({ name, requests, failures, rejected }) => [name, requests, failures, rejected]),
    ).toEqual([
      ['createOrder', 1, 0, 0],
      ['getOrder', 3, 1, 1],
    ]);
    const latency = totals.operations[1]?.latency;
    expect(latency && percentile(latency, 0.5)).toBe(25);
    expect(latency && percentile(latency, 1)).toBe(80);
  });

  it('[PB-10.01] count workflow runs per outcome', () => {
    const { workflows } = totalsOf([
      run(),
      run({ outcome: 'failed' }),
      run({ outcome: 'timed-out' }),
      run({ outcome: 'fell-back' }),
      run({ outcome: 'cancelled' }),
    ]);
    expect(workflows).toMatchObject([{ succeeded: 1, failed: 1, timedOut: 1, fellBack: 1, cancelled: 1 }]);
  });

  it('[PB-10.04] count crashes and calls outside the declaration of an extension, with their targets', () => {
    const { extensions } = totalsOf([
      extension({ outcome: 'crashed' }),
      extension({ outcome: 'denied', target: 'evil.example' }),
    ]);
    expect(extensions).toMatchObject([
      { crashed: 1, denied: 1, targets: [{ name: 'evil.example', count: 1 }] },
    ]);
  });

  it('do not depend on the order of the facts', () => {
    fc.assert(
      fc.property(facts, fc.infiniteStream(fc.nat()), (all, random) => {
        const shuffled = all
          .map((entry) => ({ entry, rank: random.next().value }))
          .sort((a, b) => a.rank - b.rank)
          .map(({ entry }) => entry);
        expect(totalsOf(shuffled)).toEqual(totalsOf(all));
      }),
      { numRuns: 60 },
    );
  });

  it('merge associatively and commutatively, caps included', () => {
    fc.assert(
      fc.property(facts, facts, facts, (a, b, c) => {
        const [x, y, z] = [totalsOf(a), totalsOf(b), totalsOf(c)];
        const whole = totalsOf([...a, ...b, ...c]);
        expect(mergeTotals(mergeTotals(x, y), z)).toEqual(whole);
        expect(mergeTotals(x, mergeTotals(y, z))).toEqual(whole);
        expect(mergeTotals(z, mergeTotals(y, x))).toEqual(whole);
        expect(mergeTotals(x, NO_TOTALS)).toEqual(x);
      }),
      { numRuns: 60 },
    );
  });

  it('keep a sum of latency that the log can hold, however much is added', () => {
    const day = latencyOf(86_400_000);
    const sum = Array.from({ length: 17 }).reduce<Latency>((whole) => mergeLatency(whole, whole), day);
    expect(sum.sumMicros).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('keep sums exact under a flood of names, and the declared names before others', () => {
    const flood = Array.from({ length: 1_000 }, (_, n) => call({ operation: `a-${n}`, status: 500 }));
    const declared = {
      operations: new Set(['getOrder']),
      workflows: new Set<string>(),
      permissions: new Set<string>(),
      extensions: new Set<string>(),
    };
    const accumulator = new Accumulator(declared);
    for (const entry of [...flood, call()]) accumulator.add(entry);
    const { operations, overflowed, observations } = accumulator.totals();
    expect(operations).toHaveLength(CAPS.operations + 1);
    expect(operations.find((operation) => operation.name === 'getOrder')?.requests).toBe(1);
    expect(operations.find((operation) => operation.name === OTHER)?.failures).toBe(overflowed);
    expect(operations.reduce((sum, { requests }) => sum + requests, 0)).toBe(1_001);
    expect({ overflowed, observations }).toEqual({
      overflowed: 1_001 - CAPS.operations,
      observations: 1_001,
    });
  });

  it('stay under the largest event that the log takes, whatever the names', () => {
    const long = (n: number) => `${n}`.padEnd(200, '字');
    const flood = Array.from({ length: 200 }, (_, n) => [
      call({ operation: long(n), workspace: long(n) }),
      run({ workflow: long(n) }),
      use({ permission: long(n) }),
      ...Array.from({ length: 8 }, (_ignored, target) =>
        extension({ extension: long(n), target: long(target) }),
      ),
    ]).flat();
    expect(new TextEncoder().encode(JSON.stringify(totalsOf(flood))).length).toBeLessThan(256 * 1024 - 2_048);
  });

  it('count workspaces exactly up to 256, then within a few per cent, in bounded space', () => {
    const seen = (count: number) =>
      totalsOf(Array.from({ length: count }, (_, n) => call({ workspace: `w-${n}` }))).workspaces;
    expect(countDistinct(seen(200))).toBe(200);
    const many = seen(20_000);
    expect(many).toHaveLength(256);
    expect(Math.abs(countDistinct(many) - 20_000)).toBeLessThan(20_000 * 0.15);
  });
});
