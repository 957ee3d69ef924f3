import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Intake, startIntake } from './testing/intake-harness.js';
import { Walk } from './testing/walk.js';

interface Problem {
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly { readonly pointer: string; readonly message: string }[];
}

describe('what intake refuses', () => {
  let intake: Intake;
  let walk: Walk;
  beforeAll(async () => {
    intake = await startIntake();
    walk = new Walk(intake, 'acme.words');
    await walk.submit();
  });
  afterAll(() => intake.stop());

  const seat = (actor: string, as: string) =>
    intake.post<Problem>('/v1/bodies/TSC/seats', { actor, change: 'seat', reason: 'rotation' }, { as });

  it('for want of a role, it says which, which the caller has, and how to come by it', async () => {
    const { status, body } = await seat(intake.actor('tess'), 'ada');
    expect({ status, detail: body.detail }).toEqual({
      status: 403,
      detail:
        'This call is for whoever has the role admin; your token says partner. Call as somebody who has it: `kwanus login --as NAME` with a NAME of that role in identities.yaml, or a token of your issuer that says so.',
    });
  });

  it('for its form, it says the form in words', async () => {
    const { status, body } = await seat('tess', 'root1');
    expect({ status, errors: body.errors }).toEqual({
      status: 422,
      errors: [
        {
          pointer: '/actor',
          message: 'is no id of a person or service; GET /v1/bodies shows those of members',
        },
      ],
    });
  });

  it('in a query, it does not call a body', async () => {
    const { status, body } = await intake.get<Problem>('/v1/integrations?limit=many', 'ada');
    expect({ status, title: body.title, pointer: body.errors[0]?.pointer }).toEqual({
      status: 422,
      title: 'The request was read, and something in it is wrong',
      pointer: 'query:limit',
    });
  });

  it('a digest with its algorithm before it, it says which form is taken', async () => {
    const file = { path: 'kwanus.yaml', digest: `sha256:${'0'.repeat(64)}`, size: 1, mediaType: 'text/yaml' };
    const submission = { manifest: 'kwanus.yaml', files: [file] };
    const { status, body } = await intake.post<Problem>('/v1/integrations', submission, { as: 'ada' });
    expect({ status, errors: body.errors }).toEqual({
      status: 422,
      errors: [
        {
          pointer: '/files/0/digest',
          message: 'is no SHA-256 of 64 lower-case hexadecimal digits; nothing stands before them',
        },
      ],
    });
  });

  it('for want of a token, it says which token holds and where to get one', async () => {
    const response = await fetch(`${intake.base}/v1/integrations`, {
      headers: { authorization: 'Bearer a.b.c' },
    });
    const { detail } = (await response.json()) as Problem;
    expect({ status: response.status, detail }).toEqual({
      status: 401,
      detail: expect.stringMatching(
        /not run out\. Get a fresh one from your issuer; .*kwanus login --as NAME/,
      ),
    });
  });

  it('is no checkpoint in step 1: only step 5 waits for all of them', async () => {
    const vote = await walk.vote({ kind: 'checkpoint', name: 'compatibility', body: 'TSC' }, 'tess');
    expect(vote.status).toBe(200);
  });
});
