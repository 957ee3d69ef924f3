import type { OverlayFile, PlaybookFile } from './schema.js';

/** A place that the overlay changes and the playbook does not have. */
export interface Unknown {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** @returns the playbook with the overlay's figures in place (to be checked by its schema again), and what of the overlay leads nowhere */
export function applyOverlay(
  base: PlaybookFile,
  overlay: OverlayFile,
): { readonly file: object; readonly unknown: readonly Unknown[] } {
  const unknown: Unknown[] = [];
  const rollouts = base.rollouts.map((plan) => {
    const index = overlay.rollouts?.findIndex(({ type }) => type === plan.type) ?? -1;
    const { steps = [], ...figures } = overlay.rollouts?.[index] ?? {};
    unknown.push(...strangers(steps, plan.steps, ['rollouts', index, 'steps']));
    return {
      ...plan,
      ...figures,
      type: plan.type,
      steps: plan.steps.map((step) => ({ ...step, ...steps.find(({ id }) => id === step.id) })),
    };
  });
  overlay.rollouts?.forEach(({ type }, index) => {
    if (!base.rollouts.some((plan) => plan.type === type))
      unknown.push({
        path: ['rollouts', index],
        message: `changes the ${type} rollout, which ${base.version} does not have`,
      });
  });
  const { burn = [], ...windows } = overlay.monitoring ?? {};
  unknown.push(...strangers(burn, base.monitoring.burn, ['monitoring', 'burn']));
  const monitoring = {
    ...base.monitoring,
    ...windows,
    burn: base.monitoring.burn.map((rule) => ({ ...rule, ...burn.find(({ id }) => id === rule.id) })),
  };
  return { file: { ...base, version: overlay.version, rollouts, monitoring }, unknown };
}

const strangers = (
  changes: readonly { readonly id: string }[],
  known: readonly { readonly id: string }[],
  path: readonly (string | number)[],
): Unknown[] =>
  changes.flatMap(({ id }, index) =>
    known.some((one) => one.id === id)
      ? []
      : [{ path: [...path, index, 'id'], message: `changes ${id}, which is not there` }],
  );
