import { monitoringMessages } from '@kwanus/contracts';
import { z } from 'zod';

const { signals, window } = monitoringMessages.GateVerdict.shape;
const Burn = monitoringMessages.Burn.omit({ unreachable: true, lowTraffic: true });
const Evidence = z.object({ window, signals: z.array(signals.element.extend({ burn: z.array(Burn) })) });

/**
 * @param evidence of a rollout decision, as its event keeps it
 * @returns a line for each signal and each burn rule of it that fires
 */
export function numbersOf(evidence: unknown): string[] {
  const read = Evidence.safeParse(evidence);
  if (!read.success) return [JSON.stringify(evidence)];
  const { from, to } = read.data.window;
  return [
    `sealed window ${from} to ${to}`,
    ...read.data.signals.flatMap(({ signal, of, objective, canary, stable, burn }) => [
      `${of === null ? signal : `${signal} of ${of}`}: ${canary.failures} of ${canary.requests} failed; of the release before it ${stable.failures} of ${stable.requests}; objective ${percent(objective)}`,
      ...burn
        .filter(({ firing }) => firing)
        .map(
          ({ rule, long, short, factor, failuresLong, requestsLong }) =>
            `  ${rule} fires: ${failuresLong} of ${requestsLong} in its long window, ${long.toFixed(2)} times the budget (short window ${short.toFixed(2)}), allowed ${factor.toFixed(2)}`,
        ),
    ]),
  ];
}

const percent = (share: number): string => `${Number((share * 100).toFixed(4))} %`;
