/** What is missing, as the gates say it. */
export interface Missing {
  readonly who: string;
  readonly requirement: string;
}

/** Where it is missing. */
export interface Place {
  readonly integrationId: string;
  readonly release: string;
}

type Remedy = (place: Place & { readonly name: string; readonly who: string }) => string;

const vote =
  (kind: string, named: boolean): Remedy =>
  ({ integrationId, release, name, who }) =>
    `kwanus decide ${integrationId} ${kind} ${who}${named ? ` --name ${name}` : ''} --release ${release} --approve --reason TEXT`;
const evidence: Remedy = ({ integrationId, release, name }) =>
  `kwanus evidence ${integrationId} ${name} FILE --release ${release}`;
const move =
  (name: string, more = ''): Remedy =>
  ({ integrationId, release }) =>
    `kwanus lifecycle ${integrationId} ${name} --release ${release}${more} --reason TEXT`;
const submit: Remedy = () => 'kwanus submit DIR';
const waive: Remedy = ({ integrationId, release, name, who }) =>
  `kwanus waive ${integrationId} ${who} --check ${name} --release ${release} --until DAY --reason TEXT`;

/** Requirement → what people run. What services do has no entry: it is waited for. */
const OF_BODIES: Readonly<Record<string, Remedy>> = {
  approval: vote('approval', false),
  checkpoint: vote('checkpoint', true),
  'rollout-step': vote('step', true),
  'sign-off': vote('sign-off', false),
  check: waive,
};
const OF_PARTNERS: Readonly<Record<string, Remedy>> = {
  preparation: evidence,
  implementation: evidence,
  document: submit,
  'release:submitted': submit,
  'release:versioned': submit,
  'release:migration-guide': submit,
  'release:fallback': submit,
  rollout: move('rollout'),
  check: submit,
  'lifecycle:updated': move('lifecycle-update', ' --evidence FILE'),
  'lifecycle:resubmit': move('resubmit'),
  'lifecycle:resume': move('resume'),
};
const SERVICES: readonly string[] = ['validation', 'rollout', 'monitoring', 'platform', 'operator'];

/** @returns the command that supplies what is missing, or null where nobody can run one */
export function remedyOf({ who, requirement }: Missing, place: Place): string | null {
  if (who === 'rollout') return `kwanus rollout --integration ${place.integrationId}`;
  if (SERVICES.includes(who)) return null;
  const remedies = who === 'partner' ? OF_PARTNERS : OF_BODIES;
  const [kind = '', name = ''] = requirement.split(':');
  return (remedies[requirement] ?? remedies[kind])?.({ ...place, name, who }) ?? null;
}
