import { Accumulator, type DeclaredNames } from './accumulator.js';
import type { TelemetryFact } from './facts.js';
import type { WindowTotals } from './totals.js';

/** Lengths in milliseconds, from the playbook. */
export interface WindowRules {
  readonly windowMs: number;
  readonly watermarkMs: number;
  /** Telemetry older than this is counted and dropped: no objective looks back so far. */
  readonly horizonMs: number;
}

/** How far one integration's telemetry has come; event times in milliseconds. */
export interface Progress {
  readonly integration: string;
  /** The highest event time seen. */
  readonly highest: number;
  /** Windows that end here or before are sealed, by the clock or by the watermark. */
  readonly sealedUntil: number;
}

/** Totals of one release in one window; `to` is `from` + the window's length. */
export interface ReleaseWindow {
  readonly integration: string;
  readonly release: string;
  readonly from: number;
  readonly to: number;
  readonly totals: WindowTotals;
}

/** Why a piece of telemetry was not counted. */
export type Refusal = 'future' | 'too-old';

/** The open windows of some integrations. */
export interface OpenWindows {
  readonly progress: readonly Progress[];
  readonly open: readonly ReleaseWindow[];
}

/** What a batch came to. */
export interface Folded extends OpenWindows {
  /** Closed for good: one event each. */
  readonly sealed: readonly ReleaseWindow[];
  /** What came for windows that were sealed before: corrections of them, to be added. */
  readonly late: readonly ReleaseWindow[];
  readonly refused: Readonly<Record<Refusal, number>>;
}

/** What the fold needs besides telemetry and windows. */
export interface FoldContext {
  readonly rules: WindowRules;
  /** The clock's milliseconds: telemetry from further in its future than the watermark would seal windows too early. */
  readonly now: number;
  /** What a release declared, where that is known. */
  readonly declared?: (integration: string, release: string) => DeclaredNames | undefined;
}

interface Collected {
  readonly integration: string;
  readonly release: string;
  readonly from: number;
  readonly accumulator: Accumulator;
}

/**
 * Folds telemetry, in the order of its partition, into the open windows of the integrations that it names (all of them must be
 * in `before`). A window is sealed when its integration's highest event time, less the watermark, has passed its end.
 * Whatever arrives for a window that was over by then is late; what is late depends on the order only, not on how the order was cut
 * into batches.
 */
export function foldTelemetry(
  before: OpenWindows,
  facts: readonly TelemetryFact[],
  context: FoldContext,
): Folded {
  const { rules, now } = context;
  const progress = new Map(before.progress.map((entry) => [entry.integration, entry]));
  const open = new Shelf(context);
  const late = new Shelf(context);
  const refused = { future: 0, 'too-old': 0 };
  before.open.forEach((window) =>
    open.at(window.integration, window.release, window.from).absorb(window.totals),
  );
  for (const fact of facts) {
    const refusal = refuse(fact.at, now, rules);
    if (refusal !== null) {
      refused[refusal] += 1;
      continue;
    }
    const seen = progress.get(fact.integration) ?? unseen(fact.integration);
    const from = windowOf(fact.at, rules);
    const over = from + rules.windowMs <= sealedBound(seen, rules);
    (over ? late : open).at(fact.integration, fact.release, from).add(fact);
    progress.set(fact.integration, { ...seen, highest: Math.max(seen.highest, fact.at) });
  }
  const bounded = [...progress.values()].map((entry) => ({
    ...entry,
    sealedUntil: sealedBound(entry, rules),
  }));
  return { ...split(open.windows(), bounded), late: late.windows(), refused };
}

/**
 * Seals by the clock what no later telemetry will close: a window that ended more than two watermarks ago. To be called for
 * integrations whose telemetry has been read to its end, else a backlog would arrive late.
 */
export function sealByClock(before: OpenWindows, { rules, now }: FoldContext): Folded {
  const bound = windowOf(now - 2 * rules.watermarkMs, rules);
  const bounded = before.progress.map((entry) => ({
    ...entry,
    sealedUntil: Math.max(sealedBound(entry, rules), bound),
  }));
  return { ...split(before.open, bounded), late: [], refused: { future: 0, 'too-old': 0 } };
}

/** @returns where the window of an event time begins; windows are aligned to 1970-01-01T00:00:00Z */
export const windowOf = (at: number, { windowMs }: Pick<WindowRules, 'windowMs'>): number =>
  Math.floor(at / windowMs) * windowMs;

const unseen = (integration: string): Progress => ({ integration, highest: 0, sealedUntil: 0 });

/** Windows that end at this time or before are over. */
const sealedBound = ({ highest, sealedUntil }: Progress, { watermarkMs }: WindowRules): number =>
  Math.max(sealedUntil, highest - watermarkMs);

function refuse(at: number, now: number, { watermarkMs, horizonMs }: WindowRules): Refusal | null {
  if (at > now + watermarkMs) return 'future';
  return at < now - horizonMs ? 'too-old' : null;
}

function split(
  windows: readonly ReleaseWindow[],
  progress: readonly Progress[],
): Omit<Folded, 'late' | 'refused'> {
  const bounds = new Map(progress.map(({ integration, sealedUntil }) => [integration, sealedUntil]));
  const over = (window: ReleaseWindow): boolean => window.to <= (bounds.get(window.integration) ?? 0);
  return {
    progress,
    sealed: windows.filter(over),
    open: windows.filter((window) => !over(window)),
  };
}

/** Accumulators by integration, release and window. */
class Shelf {
  readonly #held = new Map<string, Collected>();

  constructor(private readonly context: FoldContext) {}

  at(integration: string, release: string, from: number): Accumulator {
    const key = `${integration} ${release} ${from}`;
    const present = this.#held.get(key);
    if (present !== undefined) return present.accumulator;
    const accumulator = new Accumulator(this.context.declared?.(integration, release));
    this.#held.set(key, { integration, release, from, accumulator });
    return accumulator;
  }

  windows(): readonly ReleaseWindow[] {
    return [...this.#held.values()]
      .map(({ accumulator, ...window }) => ({
        ...window,
        to: window.from + this.context.rules.windowMs,
        totals: accumulator.totals(),
      }))
      .sort(inOrder);
  }
}

const inOrder = (a: ReleaseWindow, b: ReleaseWindow): number =>
  a.from - b.from || compare(a.integration, b.integration) || compare(a.release, b.release);

const compare = (first: string, second: string): number => (first < second ? -1 : first > second ? 1 : 0);
