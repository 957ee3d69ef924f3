import { RISK_LEVELS } from '@kwanus/domain-playbook';
import { durationMilliseconds } from '@kwanus/kernel';
import type { Dangling } from './references.js';
import type { PlaybookFile } from './schema.js';

/** @returns seconds of a span that the schema has let through */
const seconds = (span: string): number => (durationMilliseconds(span) ?? 0) / 1_000;

/** @returns every figure that its schema allows and that can't be meant: a plan that never ends, an alert that never fires */
export const impossibleFigures = (file: PlaybookFile): readonly Dangling[] => [
  ...plans(file),
  ...levels(file),
  ...burns(file),
  ...windows(file),
];

function plans({ rollouts }: PlaybookFile): Dangling[] {
  return rollouts.flatMap(({ steps }, plan) =>
    steps.flatMap(({ percent }, step) => {
      const path = ['rollouts', plan, 'steps', step, 'percent'];
      if (percent < (steps[step - 1]?.percent ?? 0))
        return [{ path, message: `is ${percent}, less than the step before; a rollout only grows` }];
      return step === steps.length - 1 && percent !== 100
        ? [{ path, message: `is ${percent}; the last step is 100, or the rollout never ends` }]
        : [];
    }),
  );
}

function levels({ rollouts }: PlaybookFile): Dangling[] {
  return RISK_LEVELS.flatMap((level) => {
    const plans = rollouts.filter(({ forLevel }) => forLevel === level).length;
    return plans === 1
      ? []
      : [{ path: ['rollouts'], message: `has ${plans} plans for ${level} risk; each level has exactly one` }];
  });
}

function burns({ monitoring: { burn, signals } }: PlaybookFile): Dangling[] {
  return burn.flatMap(({ id, budget, long, short }, index) => {
    const path = ['monitoring', 'burn', index];
    const late = seconds(short) >= seconds(long);
    const never = signals.filter(
      ({ objective, period }) => (budget * seconds(period) * (1 - objective)) / seconds(long) > 1,
    );
    return [
      ...(late
        ? [{ path, message: `looks at ${short} after ${long}; the short window is the shorter one` }]
        : []),
      ...never.map((signal) => ({
        path,
        message: `${id} can never fire for ${signal.id}: not even a full outage burns that fast. Lengthen \`long\` or lower \`budget\``,
      })),
    ];
  });
}

function windows({ monitoring: { window } }: PlaybookFile): Dangling[] {
  return seconds(window) > 0 ? [] : [{ path: ['monitoring', 'window'], message: 'is no time at all' }];
}
