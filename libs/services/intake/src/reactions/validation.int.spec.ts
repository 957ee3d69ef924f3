import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Intake, startIntake } from '../testing/intake-harness.js';
import { Walk } from '../testing/walk.js';

describe('What validation tells without being asked', () => {
  let intake: Intake;
  let walk: Walk;
  beforeAll(async () => {
    intake = await startIntake();
    walk = new Walk(intake, 'acme.told');
    await walk.through(4);
  }, 60_000);
  afterAll(() => intake.stop());

  it('[PB-7.01] is on record where a permission should be, and is, taken away', async () => {
    const subject = {
      integrationId: walk.id,
      release: walk.release,
      permission: 'orders:write',
      ground: 'unused',
    };
    const tell = (type: string, data: Record<string, unknown>) =>
      walk.validation.tell({
        type,
        streamId: `grants-${walk.id}`,
        data: { ...subject, ...data } as Parameters<typeof walk.validation.tell>[0]['data'],
      });
    const at = '2027-04-01T00:00:00.000Z';
    const proposed = { grantedAt: at, lastUsedAt: null, window: { from: at, to: at }, count: 0 };
    await walk.finishRun({ because: 'platform-released', requestId: randomUUID(), outcome: 'failed' });
    await tell('revocation-proposed', proposed);
    await tell('revocation-decided', {
      decision: 'accepted',
      releases: [walk.release],
      reason: 'r',
      by: 'sco',
      at,
    });
    const decided = await walk.until('RevocationDecided');
    expect(decided.data).toMatchObject({ permission: 'orders:write', releases: [walk.release] });
    const trail = await walk.trail();
    expect(trail.find(({ type }) => type === 'RevocationProposed')?.data).toMatchObject(proposed);
  });

  it('[PB-6.01] is no verdict that anybody waits for: a run for a new version of the platform leaves no late fact', async () => {
    await walk.finishRun({ because: 'platform-released', requestId: randomUUID(), outcome: 'failed' });
    await walk.validation.tell({
      type: 'revocation-lapsed',
      streamId: `grants-${walk.id}`,
      data: {
        integrationId: walk.id,
        release: walk.release,
        permission: 'orders:read',
        ground: 'unused',
        reason: 'used',
      },
    });
    await walk.until('RevocationLapsed');
    const types = (await walk.trail()).map(({ type }) => type);
    expect(types).not.toContain('LateFactRecorded');
    expect(types).not.toContain('ValidationFailed');
  });
});
