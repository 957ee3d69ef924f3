import { TOPICS, validationMessages } from '@kwanus/contracts';
import type { IntegrationEvent } from '@kwanus/domain-integration';
import type { JsonObject } from '@kwanus/kernel';
import type { ConsumerDefinition } from '@kwanus/messaging';
import type { z } from 'zod';
import type { IntegrationDesk } from '../integration-desk.js';
import { factsFor } from './facts.js';

const { RunFinished, MatrixUpdated, RevocationProposed, RevocationLapsed, RevocationDecided } =
  validationMessages;
type Finished = z.infer<typeof RunFinished> & { readonly cause: string };

const VERDICTS = {
  passed: 'ValidationPassed',
  failed: 'ValidationFailed',
  inconclusive: 'ValidationInconclusive',
} as const;

/** Verdicts and decisions of the validation service, recorded as facts of the integration. */
export const validationConsumer = (desk: IntegrationDesk): ConsumerDefinition => {
  const on = factsFor(desk);
  return {
    name: 'intake.validation',
    topic: TOPICS.validation.name,
    source: TOPICS.validation.owner,
    handlers: {
      'kwanus.validation.run-finished.v1': on(RunFinished, (run) => runFact(run)),
      'kwanus.validation.matrix-updated.v1': on(MatrixUpdated, ({ cells, ...of }) => ({
        type: 'CompatibilityMatrixUpdated',
        data: { ...of, cells: cells as unknown as readonly JsonObject[] },
      })),
      'kwanus.validation.revocation-proposed.v1': on(RevocationProposed, (said) => ({
        type: 'RevocationProposed',
        data: said,
      })),
      'kwanus.validation.revocation-lapsed.v1': on(RevocationLapsed, (said) => ({
        type: 'RevocationLapsed',
        data: said,
      })),
      'kwanus.validation.revocation-decided.v1': on(RevocationDecided, (said) => ({
        type: 'RevocationDecided',
        data: said,
      })),
    },
  };
};

/** What the service ran by itself answers nobody's request: it is told by the matrix that it changes. */
function runFact(run: Finished): IntegrationEvent | null {
  if (run.because !== undefined) return null;
  return run.purpose === 'preparation' ? evidenceFact(run) : verdictFact(run);
}

function verdictFact({ integrationId, release, cause, outcome, ...run }: Finished): IntegrationEvent {
  const { runId, requestId, checks, facts, ruleset, registryVersion, inputs } = run;
  return {
    type: VERDICTS[outcome],
    data: {
      integrationId,
      release,
      cause,
      runId,
      requestId,
      checks,
      facts,
      ruleset,
      registryVersion,
      inputs,
    },
  };
}

/** Evidence holds only when its check passed: what could not be judged is refused with the reason. */
function evidenceFact({
  integrationId,
  release,
  cause,
  outcome,
  task,
  runId,
  requestId,
  checks,
}: Finished): IntegrationEvent | null {
  if (task === null) return null;
  const of = { integrationId, release, cause, task, runId, requestId };
  if (outcome === 'passed') return { type: 'EvidenceVerified', data: of };
  const findings = checks
    .filter((check) => check.outcome !== 'passed')
    .flatMap(({ check, summary, blocking }) =>
      blocking.length === 0
        ? [`${check}: ${summary}`]
        : blocking.map(({ ruleId, message }) => `${ruleId} ${message}`),
    );
  return { type: 'EvidenceRefused', data: { ...of, findings } };
}
