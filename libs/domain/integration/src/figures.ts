/** The part of a rollout's evidence that a sentence shows; the whole stands in the event. */
interface SignalFigures {
  readonly signal: string;
  readonly of: string | null;
  readonly canary: CountFigures;
  readonly stable: CountFigures;
}
interface CountFigures {
  readonly requests: number;
  readonly failures: number;
}

/**
 * @param evidence of a rollout decision, as another service said it
 * @returns what each signal counted, as text for a sentence; empty where the evidence counts nothing
 */
export function figures(evidence: object): string {
  const said = signalsOf(evidence).map(
    ({ signal, of, canary, stable }) =>
      `${of === null ? signal : `${signal} of ${of}`} ${counted(canary)}, with the others ${counted(stable)}`,
  );
  return said.length === 0 ? '' : ` (${said.join('; ')})`;
}

const counted = ({ failures, requests }: CountFigures): string => `${failures} of ${requests} failed`;

function signalsOf(evidence: object): readonly SignalFigures[] {
  if (!('signals' in evidence) || !Array.isArray(evidence.signals)) return [];
  return evidence.signals.filter(isSignal);
}

const isSignal = (value: unknown): value is SignalFigures =>
  isObject(value) &&
  typeof value['signal'] === 'string' &&
  (value['of'] === null || typeof value['of'] === 'string') &&
  isCount(value['canary']) &&
  isCount(value['stable']);

const isCount = (value: unknown): value is CountFigures =>
  isObject(value) && typeof value['requests'] === 'number' && typeof value['failures'] === 'number';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
