import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestDatabase, testDatabase } from '@kwanus/testing-infra';
import {
  askedFor,
  eventually,
  finishedRun,
  Intake,
  type RunningValidation,
  requestId,
  startValidation,
  tokenOf,
  upload,
} from '../testing/validation-harness.js';

const MINIMAL = join(import.meta.dirname, '../../../../../examples/minimal-submission');
const OTHER = { integrationId: 'globex.ledger', release: '1.0.0' };
const AT_STEP = { ...OTHER, rolloutId: 'r1', cause: 'c1', step: 'canary', percent: 5 };
const PUBLISHES = (text: string): string =>
  text.replace('events:\n', 'events:\n  publishes: [{ type: acme.parcel.lost, version: 1.0.0 }]\n');
const LISTENS = (text: string): string =>
  text
    .replace('partner: acme, name: parcels', 'partner: globex, name: ledger')
    .replaceAll('kwanus.order.shipped', 'acme.parcel.lost')
    .replaceAll('orders:read', 'ledger:write');

describe('Workflows of other integrations', () => {
  let database: TestDatabase;
  let service: RunningValidation;
  let intake: Intake;
  let token: string;

  beforeAll(async () => {
    database = await testDatabase();
    service = await startValidation(database.url);
    intake = new Intake(service.transport);
    token = await tokenOf('olga');
    const id = requestId();
    await intake.tell(
      'validation-requested',
      askedFor(id, await upload(service.artifacts, MINIMAL, { 'kwanus.yaml': LISTENS }), OTHER),
    );
    await finishedRun(service, id, token);
  });
  afterAll(async () => {
    await service?.stop();
    await database?.drop();
  });

  const rules = async (): Promise<readonly string[]> => {
    const id = requestId();
    const submission = await upload(service.artifacts, MINIMAL, { 'kwanus.yaml': PUBLISHES });
    await intake.tell('validation-requested', askedFor(id, submission, { checks: ['permission-boundary'] }));
    const { checks } = await finishedRun(service, id, token);
    return checks.flatMap(({ findings }) => findings.map(({ ruleId }) => ruleId));
  };
  const becomes = (reached: boolean): Promise<true> =>
    eventually(async () => ((await rules()).includes('PM209') === reached ? true : undefined));

  it('[PB-7.01] PM209 count from the first step of a rollout until it is taken back', async () => {
    expect(await rules()).not.toContain('PM209');
    await intake.tell('rollout-step-started', AT_STEP);
    await becomes(true);
    await intake.tell('rolled-back', {
      ...AT_STEP,
      to: null,
      automatic: true,
      reasonCode: 'burn',
      reason: 'r',
      evidence: {},
    });
    await becomes(false);
  });
});
