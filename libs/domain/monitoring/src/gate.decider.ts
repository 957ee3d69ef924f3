import type { Decider, Timestamp } from '@kwanus/kernel';
import type { JudgedSignal, Judgement } from './verdict.js';

/** A verdict with its numbers, as rollout gets it (contract `kwanus.monitoring.gate-verdict.v1`). */
export interface GateVerdict {
  readonly type: 'GateVerdict';
  readonly integrationId: string;
  readonly release: string;
  readonly rolloutId: string;
  readonly window: { readonly from: Timestamp; readonly to: Timestamp };
  readonly signals: readonly JudgedSignal[];
  readonly permissions: {
    readonly used: number;
    readonly denied: number;
    readonly outOfScope: number;
    readonly bypassed: number;
    readonly neverUsed: readonly string[];
    readonly judged: boolean;
  };
  readonly silentWindows: number;
  readonly verdict: Judgement['verdict'];
  readonly reasons: readonly string[];
}

/** A window of a live rollout was sealed and judged. */
export interface RecordVerdict {
  readonly type: 'RecordVerdict';
  readonly verdict: GateVerdict;
}
/** No telemetry came for too long; said once, until there is some again. */
export interface ReportSilence {
  readonly type: 'ReportSilence';
  readonly verdict: GateVerdict;
}

/** How far the gate has judged. */
export interface Gate {
  /** End of the last sealed window that was judged; null before the first. */
  readonly judgedTo: Timestamp | null;
  /** End of the silence that was reported since; null: none. */
  readonly silentTo: Timestamp | null;
}

/** The stream `gate-<rolloutId>`: one verdict per sealed window, in order, and one when telemetry falls silent. */
export const gate: Decider<Gate, RecordVerdict | ReportSilence, GateVerdict, unknown> = {
  initialState: { judgedTo: null, silentTo: null },
  decide({ type, verdict }, { judgedTo, silentTo }): readonly GateVerdict[] {
    const { to } = verdict.window;
    const behind = judgedTo !== null && Date.parse(to) <= Date.parse(judgedTo);
    switch (type) {
      case 'RecordVerdict':
        return behind ? [] : [verdict];
      case 'ReportSilence':
        return behind || silentTo !== null ? [] : [verdict];
    }
  },
  evolve: (state, { silentWindows, window }): Gate =>
    silentWindows > 0 ? { ...state, silentTo: window.to } : { judgedTo: window.to, silentTo: null },
};
