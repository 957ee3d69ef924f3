import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mergeTotals } from './accumulator.js';
import type { TelemetryFact } from './facts.js';
import { call, TEN } from './telemetry.fixtures.js';
import { NO_TOTALS } from './totals.js';
import { type Folded, foldTelemetry, type OpenWindows, type ReleaseWindow, sealByClock } from './windows.js';

const rules = { windowMs: 60_000, watermarkMs: 120_000, horizonMs: 30 * 86_400_000 };
const context = { rules, now: TEN + 3_600_000 };
const nothing: OpenWindows = { progress: [], open: [] };
const minute = (n: number): number => TEN + n * 60_000;
const at = (n: number): TelemetryFact => call({ at: minute(n) });
const observed = (windows: readonly ReleaseWindow[]): number =>
  windows.reduce((sum, { totals }) => sum + totals.observations, 0);

describe('Windows of telemetry', () => {
  it('[PB-2.6] stay open until the watermark has passed their end', () => {
    const folded = foldTelemetry(nothing, [at(0), at(1), at(2.99)], context);
    expect(folded.sealed).toEqual([]);
    expect(folded.open.map(({ from }) => from)).toEqual([minute(0), minute(1), minute(2)]);
  });

  it('are sealed by event time, once, and only where there was traffic', () => {
    const first = foldTelemetry(nothing, [at(0), at(5)], context);
    expect(first.sealed).toMatchObject([{ from: minute(0), to: minute(1), release: '1.3.0' }]);
    const second = foldTelemetry(first, [at(5.5)], context);
    expect(second.sealed).toEqual([]);
    expect(observed(second.open)).toBe(2);
  });

  it('take what comes for a sealed window as late, never again as a window', () => {
    const first = foldTelemetry(nothing, [at(0), at(5)], context);
    const second = foldTelemetry(first, [at(0.5), at(1.5)], context);
    expect(second.late.map(({ from, totals }) => [from, totals.observations])).toEqual([
      [minute(0), 1],
      [minute(1), 1],
    ]);
    expect(second.sealed).toEqual([]);
  });

  it('are kept apart by integration: a clock that runs ahead harms only its own', () => {
    const ahead = call({ integration: 'beta.bills', at: minute(20) });
    const folded = foldTelemetry(nothing, [ahead, at(0), at(1)], context);
    expect(observed(folded.late)).toBe(0);
    expect(observed(folded.open)).toBe(3);
  });

  it('refuse event times from the future, and from before every objective', () => {
    const future = call({ at: context.now + rules.watermarkMs + 1 });
    const old = call({ at: context.now - rules.horizonMs - 1 });
    const folded = foldTelemetry(nothing, [future, old, at(0)], context);
    expect(folded.refused).toEqual({ future: 1, 'too-old': 1 });
    expect(observed(folded.open)).toBe(1);
  });

  it('are sealed by the clock two watermarks after their end when telemetry stops', () => {
    const open = foldTelemetry(nothing, [at(0)], context);
    const early = sealByClock(open, { rules, now: minute(1) + 2 * rules.watermarkMs - 1 });
    expect(early.sealed).toEqual([]);
    const due = sealByClock(open, { rules, now: minute(1) + 2 * rules.watermarkMs });
    expect(due.sealed).toHaveLength(1);
    expect(foldTelemetry(due, [at(0.5)], context).late).toHaveLength(1);
  });

  it('count every event once, in whatever batches it comes', () => {
    const time = fc.integer({ min: 0, max: 20 * 60 });
    fc.assert(
      fc.property(
        fc.array(time, { maxLength: 200, size: 'max' }),
        fc.array(fc.nat(200), { maxLength: 8 }),
        (seconds, cuts) => {
          const facts = seconds.map((second) => at(second / 60));
          const whole = foldAll([facts]);
          const bounds = [0, ...[...new Set(cuts)].sort((a, b) => a - b), facts.length];
          const cut = foldAll(bounds.slice(1).map((end, index) => facts.slice(bounds[index], end)));
          expect(observed([...cut.sealed, ...cut.late, ...cut.open])).toBe(facts.length);
          expect(sum(cut)).toEqual(sum(whole));
          expect(observed(cut.late)).toBe(observed(whole.late));
        },
      ),
      { numRuns: 200 },
    );
  });
});

function foldAll(batches: readonly (readonly TelemetryFact[])[]): Folded {
  const start: Folded = { ...nothing, sealed: [], late: [], refused: { future: 0, 'too-old': 0 } };
  return batches.reduce((before, facts) => {
    const after = foldTelemetry(before, facts, context);
    return { ...after, sealed: [...before.sealed, ...after.sealed], late: [...before.late, ...after.late] };
  }, start);
}

/** Totals per window, wherever they ended up. */
const sum = ({ sealed, late, open }: Folded) => {
  const byWindow = new Map<number, ReturnType<typeof mergeTotals>>();
  for (const { from, totals } of [...sealed, ...late, ...open])
    byWindow.set(from, mergeTotals(byWindow.get(from) ?? NO_TOTALS, totals));
  return [...byWindow].sort(([a], [b]) => a - b);
};
