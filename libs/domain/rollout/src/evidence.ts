import type { Timestamp } from '@kwanus/kernel';

/** Requests (or runs) and those of them that failed. */
export interface Counts {
  readonly requests: number;
  readonly failures: number;
}

/** A burn rule held against a signal of the canary; the ratios were computed by monitoring and are read, not recomputed. */
export interface BurnEvidence {
  readonly rule: string;
  readonly severity: 'page' | 'ticket';
  readonly factor: number;
  readonly long: number;
  readonly short: number;
  readonly failuresLong: number;
  readonly requestsLong: number;
  readonly firing: boolean;
}

/** One signal in one sealed window, and since the rollout began. */
export interface SignalEvidence {
  readonly signal: string;
  readonly of: string | null;
  readonly objective: number;
  readonly canary: Counts;
  readonly stable: Counts;
  readonly canaryWindow: Counts;
  readonly stableWindow: Counts;
  /** The rules that fire, and the quickest page rule whether it fires or not. */
  readonly burn: readonly BurnEvidence[];
}

/** What monitoring said at the end of a sealed window. Integers decide; nothing in it is read from a clock. */
export interface Evidence {
  /** The event of monitoring's log that it came with. */
  readonly source: { readonly eventId: string; readonly streamId: string; readonly streamVersion: number };
  readonly window: { readonly from: Timestamp; readonly to: Timestamp };
  readonly signals: readonly SignalEvidence[];
  readonly permissions: {
    readonly used: number;
    readonly denied: number;
    readonly outOfScope: number;
    readonly bypassed: number;
    readonly judged: boolean;
  };
  readonly silentWindows: number;
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  readonly reasons: readonly string[];
}

/** @returns what the busiest signal of the canary was asked in the window; signals overlap, so they are not added up */
export const requestsIn = ({ signals }: Evidence): number =>
  Math.max(0, ...signals.map(({ canaryWindow }) => canaryWindow.requests));
