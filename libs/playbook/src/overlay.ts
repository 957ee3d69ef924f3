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
  const types = overlay.rollouts?.map(({ type }) => ({ id: type })) ?? [];
  unknown.push(
    ...strangers(
      types,
      base.rollouts.map(({ type }) => ({ id: type })),
      ['rollouts'],
    ),
  );
  const { burn = [], ...windows } = overlay.monitoring ?? {};
  unknown.push(...strangers(burn, base.monitoring.burn, ['monitoring', 'burn']));
  const monitoring = {
    ...base.monitoring,
    ...windows,
    burn: base.monitoring.burn.map((rule) => ({ ...rule, ...burn.find(({ id }) => id === rule.id) })),
  };
  return { file: { ...base, version: overlay.version, rollouts, monitoring }, unknown };
}

function strangers(
  changes: readonly { readonly id: string }[],
  known: readonly { readonly id: string }[],
  path: readonly (string | number)[],
): Unknown[] {
  const ids = changes.map(({ id }) => id);
  return ids.flatMap((id, index) => {
    const place = [...path, index];
    if (!known.some((one) => one.id === id))
      return [{ path: place, message: `changes ${id}, which the playbook does not have` }];
    return ids.indexOf(id) === index ? [] : [{ path: place, message: `changes ${id} a second time` }];
  });
}
