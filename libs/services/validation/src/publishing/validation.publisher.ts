import { TOPICS } from '@kwanus/contracts';
import type { JsonObject } from '@kwanus/kernel';
import type { Publisher } from '@kwanus/messaging';

const STATUS = {
  PermissionBootstrapped: 'active',
  PermissionProposed: 'proposed',
  PermissionActivated: 'active',
  PermissionRetired: 'retired',
} as const;

const pick = (data: JsonObject, ...keys: readonly string[]): JsonObject =>
  Object.fromEntries(keys.flatMap((key) => (data[key] === undefined ? [] : [[key, data[key]]])));

const OF_RUN = ['integrationId', 'release', 'runId', 'requestId'];

const OF_REVOCATION = ['integrationId', 'release', 'permission', 'ground'];

const revocationDecided =
  (decision: string) =>
  (data: JsonObject): JsonObject => ({
    ...pick(data, ...OF_REVOCATION, 'reason', 'by', 'at'),
    decision,
    releases: data['releases'] ?? [],
  });

const registryChanged =
  (status: string) =>
  (data: JsonObject): JsonObject => ({ ...pick(data, 'registryVersion', 'permission'), status });

/** Stored events that leave the service, and the contract's form of each; the others are withheld. */
const FORMS: Readonly<Record<string, readonly [name: string, toData: (data: JsonObject) => JsonObject]>> = {
  RunStarted: ['run-started', (data) => pick(data, ...OF_RUN, 'purpose', 'checks')],
  CheckFinished: [
    'check-finished',
    (data) => pick(data, ...OF_RUN, 'check', 'kind', 'outcome', 'summary', 'findings', 'findingsArtifact'),
  ],
  RunCancelled: ['run-cancelled', (data) => pick(data, ...OF_RUN, 'reason')],
  RunFinished: [
    'run-finished',
    (data) =>
      pick(
        data,
        ...OF_RUN,
        'purpose',
        'task',
        'because',
        'outcome',
        'checks',
        'facts',
        'inputs',
        'ruleset',
        'registryVersion',
      ),
  ],
  MatrixUpdated: ['matrix-updated', (data) => pick(data, 'integrationId', 'release', 'cells')],
  PermissionBootstrapped: ['permission-registry-changed', registryChanged(STATUS.PermissionBootstrapped)],
  PermissionProposed: ['permission-registry-changed', registryChanged(STATUS.PermissionProposed)],
  PermissionActivated: ['permission-registry-changed', registryChanged(STATUS.PermissionActivated)],
  PermissionRetired: ['permission-registry-changed', registryChanged(STATUS.PermissionRetired)],
  RevocationProposed: [
    'revocation-proposed',
    (data) => pick(data, ...OF_REVOCATION, 'grantedAt', 'lastUsedAt', 'window', 'count'),
  ],
  RevocationLapsed: ['revocation-lapsed', (data) => pick(data, ...OF_REVOCATION, 'reason')],
  RevocationRejected: ['revocation-decided', revocationDecided('rejected')],
  GrantRevoked: ['revocation-decided', revocationDecided('accepted')],
};

/** Requests and notes stay inside: they go out as `kwanus.validation.withheld.v1`. */
export const validationPublisher: Publisher = ({ type, data }) => {
  const form = FORMS[type];
  if (form === undefined) return null;
  const [name, toData] = form;
  return { topic: TOPICS.validation.name, type: `${TOPICS.validation.name}.${name}.v1`, data: toData(data) };
};
