import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Intake, startIntake } from './testing/intake-harness.js';
import { submissionFiles, uploaded } from './testing/submission.js';
import { seatsOf, Walk } from './testing/walk.js';

const TSC = { kind: 'approval', name: 'TSC', body: 'TSC' } as const;

describe('commands over HTTP', () => {
  let intake: Intake;
  let first: Walk;
  beforeAll(async () => {
    intake = await startIntake();
    first = new Walk(intake, 'acme.first');
    await first.submit();
  });
  afterAll(() => intake.stop());

  const walkTo = async (name: string, step: number): Promise<Walk> => {
    const walk = new Walk(intake, `acme.${name}`, '1.0.0', first);
    await walk.through(step);
    return walk;
  };
  const ballot = (vote = 'approve') => ({
    release: '1.0.0',
    kind: 'approval',
    body: 'TSC',
    vote,
    reason: 'seen',
  });

  it('[PB-11.05] of 50 sign-offs by one person at the same moment at most one lands', async () => {
    const walk = await walkTo('signed', 6);
    const bodies = ['TSC', 'SCO', 'ERC', 'CGB'];
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => {
        const body = bodies[index % bodies.length] ?? '';
        return walk.vote({ kind: 'sign-off', name: body, body }, 'multi');
      }),
    );
    const signed = (await walk.trail()).filter(
      ({ type, data }) => type === 'VoteRecorded' && data['kind'] === 'sign-off',
    );
    expect(signed).toHaveLength(1);
    const [body] = signed.map(({ data }) => data['body']);
    for (const [index, { status, body: said }] of answers.entries()) {
      if (status === 200) expect(bodies[index % bodies.length]).toBe(body);
      else expect(said['rejection'] ?? said['code']).toMatch(/^(signed-for-another-body|version-conflict)$/);
    }
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
  }, 60_000);

  it('[PB-3.06] nobody decides on what they proposed: whoever recorded evidence is a proposer', async () => {
    const walk = await walkTo('proposed', 1);
    const file = { path: 'x.md', ...(await intake.upload('olga', 'by an operator')) };
    const body = { release: '1.0.0', evidence: [file] };
    expect((await intake.post(`${walk.path}/preparation/sandbox`, body, { as: 'olga' })).status).toBe(200);
    const view = await intake.get<{ releases: { proposers: { id: string }[] }[] }>(
      `${walk.path}?minVersion=${(await walk.trail()).length}`,
      'olga',
    );
    expect(view.body.releases[0]?.proposers.map(({ id }) => id)).toEqual([
      intake.actor('ada'),
      intake.actor('olga'),
    ]);
  });

  it('a stale If-Match is answered with 412, and the fresh one decides', async () => {
    const walk = await walkTo('stale', 0);
    const { length: version } = await walk.trail();
    const send = (ifMatch: string) =>
      intake.post(`${walk.path}/decisions`, ballot(), { as: 'tess', headers: { 'if-match': ifMatch } });
    expect(await send(`"${version - 1}"`)).toMatchObject({
      status: 412,
      body: { code: 'precondition-failed' },
    });
    expect(await walk.trail()).toHaveLength(version);
    expect(await send(`"${version}"`)).toMatchObject({ status: 200 });
  });

  it('a repeated command gets the same answer and happens once', async () => {
    const walk = await walkTo('repeated', 0);
    const key = randomUUID();
    const send = () => intake.post(`${walk.path}/decisions`, ballot(), { as: 'tess', key });
    const answers = [await send(), await send(), ...(await Promise.all([send(), send()]))];
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect((await walk.trail()).filter(({ type }) => type === 'VoteRecorded')).toHaveLength(1);
  });

  it('a refusal repeats too; the key of another body is refused; another caller’s key is their own', async () => {
    const walk = await walkTo('refused', 0);
    const key = randomUUID();
    const send = (body: object, as: string) => intake.post(`${walk.path}/decisions`, body, { as, key });
    const refused = await send(ballot('withdraw'), 'tess');
    expect(refused).toMatchObject({ status: 409, body: { rejection: 'no-vote' } });
    expect((await send(ballot('withdraw'), 'tess')).text).toBe(refused.text);
    expect(await send(ballot(), 'tess')).toMatchObject({
      status: 422,
      body: { code: 'idempotency-key-reused' },
    });
    expect(await send(ballot(), 'tom')).toMatchObject({ status: 200 });
  });

  it.each([
    ['no Idempotency-Key', { key: null }, ballot(), 400, 'header-missing'],
    ['JSON that is none', {}, '{"release":', 400, 'malformed-request'],
    ['an unknown field', {}, { ...ballot(), riskTier: 'low' }, 422, 'validation-failed'],
    ['U+0000', {}, { ...ballot(), reason: 'a\u0000b' }, 422, 'payload-refused'],
    ['half of a surrogate pair', {}, { ...ballot(), reason: 'a\ud800' }, 422, 'payload-refused'],
    ['__proto__', {}, '{"__proto__":{"admin":true}}', 422, 'payload-refused'],
    ['deep nesting', {}, `{"reason":${'['.repeat(40)}${']'.repeat(40)}}`, 400, 'malformed-request'],
    ['no reason', {}, { ...ballot(), reason: '  ' }, 422, 'validation-failed'],
    ['10 MB', {}, JSON.stringify({ ...ballot(), reason: 'x'.repeat(10_000_000) }), 413, 'payload-too-large'],
  ])('%s is refused, and nothing changes', async (_, sending, body, status, code) => {
    const before = await first.trail();
    const answered = await intake.post(`${first.path}/decisions`, body, { as: 'tess', ...sending });
    expect(answered).toMatchObject({ status, body: { code } });
    expect(await first.trail()).toEqual(before);
  });

  it('unknown ids are 404; an unknown release is a refusal that names those that there are', async () => {
    const unknown = await intake.post('/v1/integrations/acme.nothing/decisions', ballot(), { as: 'tess' });
    expect(unknown).toMatchObject({ status: 404, body: { code: 'not-found' } });
    const release = await intake.post(
      `${first.path}/decisions`,
      { ...ballot(), release: '9.9.9' },
      { as: 'tess' },
    );
    expect(release).toMatchObject({ status: 409, body: { rejection: 'unknown-release' } });
    for (const path of [
      '/v1/integrations/NOT-AN-ID',
      '/v1/integrations/acme.nothing',
      `${first.path}/documents/nothing`,
    ])
      expect((await intake.get(path, 'tess')).status).toBe(404);
  });

  it('a submission with a digest that nobody uploaded, or of another size, is refused with pointers', async () => {
    const body = await uploaded(intake, 'ada', submissionFiles({ name: 'wrong' }));
    const files = body.files.map((file, index) =>
      index === 1 ? { ...file, digest: 'f'.repeat(64) } : index === 2 ? { ...file, size: 1 } : file,
    );
    const refused = await intake.post<{ errors: { pointer: string }[] }>(
      '/v1/integrations',
      { ...body, files },
      { as: 'ada' },
    );
    expect(refused.status).toBe(422);
    expect(refused.body.errors.map(({ pointer }) => pointer)).toEqual(['/files/1/digest', '/files/2/size']);
  });

  it('a partner can’t refer to bytes that another partner uploaded, not even by their digest', async () => {
    const foreign = await uploaded(intake, 'gus', submissionFiles({ name: 'stolen' }));
    const refused = await intake.post<{ errors: { pointer: string }[] }>('/v1/integrations', foreign, {
      as: 'ada',
    });
    expect(refused.status).toBe(422);
    expect(refused.body.errors.map(({ pointer }) => pointer)).toContain('/files/0/digest');
  });

  it('a submission has 1 000 files at most, and one with more is told so', async () => {
    const body = await uploaded(intake, 'ada', submissionFiles({ name: 'many' }));
    const submit = (count: number) => {
      const more = Array.from({ length: count - body.files.length }, (_, at) => ({
        ...body.files.at(-1),
        path: `docs/more-${at}.md`,
      }));
      return intake.post('/v1/integrations', { ...body, files: [...body.files, ...more] }, { as: 'ada' });
    };
    const refused = await submit(1_001);
    expect(refused).toMatchObject({
      status: 422,
      body: {
        code: 'validation-failed',
        errors: [{ pointer: '/files', message: expect.stringContaining('1000') }],
      },
    });
    expect((await submit(1_000)).status).toBe(200);
  });

  it('a partner submits nothing under another partner’s name', async () => {
    const body = await uploaded(intake, 'gus', submissionFiles({ partner: 'acme', name: 'first' }));
    expect((await intake.post('/v1/integrations', body, { as: 'gus' })).status).toBe(404);
  });

  it('[DC-3] the past is answered as it was: every version, and every moment', async () => {
    const walk = await walkTo('past', 0);
    const answers: { version: number; view: string }[] = [];
    for (const seat of seatsOf('TSC').slice(0, 1)) {
      const { length: version } = await walk.trail();
      answers.push({ version, view: (await intake.get(`${walk.path}?minVersion=${version}`, 'ada')).text });
      await walk.vote(TSC, seat);
    }
    await walk.decide({ kind: 'approval', name: 'ERC', body: 'ERC' });
    const { length: last } = await walk.trail();
    answers.push({ version: last, view: (await intake.get(`${walk.path}?minVersion=${last}`, 'ada')).text });
    for (const { version, view } of answers)
      expect((await intake.get(`${walk.path}?version=${version}`, 'ada')).text).toBe(view);
    const [opened] = (await walk.trail()).filter(({ type }) => type === 'StepEntered');
    const at = (await intake.get<{ items: { recordedAt: string }[] }>(`${walk.path}/events`, 'ada')).body
      .items[2]?.recordedAt;
    const then = await intake.get<{ version: number }>(`${walk.path}?at=${at}`, 'ada');
    expect(then.body.version).toBe(opened?.number);
    expect((await intake.get(`${walk.path}?version=${last + 1}`, 'ada')).status).toBe(404);
    expect((await intake.get(`${walk.path}?at=2020-01-01T00:00:00Z`, 'ada')).status).toBe(404);
  });

  it('a read that asks for what is not there yet is answered with 503 and Retry-After', async () => {
    const late = await intake.get(`${first.path}?minVersion=9999`, 'ada');
    expect(late).toMatchObject({ status: 503, body: { code: 'not-caught-up' } });
    expect(late.headers.get('retry-after')).toBe('1');
  });

  it('lists by step, state, body and text, page by page', async () => {
    const ids = async (query: string, as = 'tess') =>
      (await intake.get<{ items: { id: string }[] }>(`/v1/integrations?${query}`, as)).body.items.map(
        ({ id }) => id,
      );
    expect(await ids('step=7')).toContain('acme.signed');
    expect(await ids('step=1&body=TSC')).toContain('acme.first');
    expect(await ids('q=FIRS')).toEqual(['acme.first']);
    expect(await ids('q=%25')).toEqual([]);
    expect(await ids('partner=globex')).toEqual([]);
    expect(await ids('partner=acme', 'gus')).toEqual([]);
    const all = await ids('limit=200');
    const paged: string[] = [];
    let cursor = '';
    do {
      const page = await intake.get<{ items: { id: string }[]; next: string | null }>(
        `/v1/integrations?limit=2${cursor}`,
        'tess',
      );
      paged.push(...page.body.items.map(({ id }) => id));
      cursor = page.body.next === null ? '' : `&cursor=${page.body.next}`;
    } while (cursor !== '');
    expect(paged).toEqual(all);
    const { body } = await intake.get<{ next: string }>('/v1/integrations?limit=1', 'tess');
    expect((await intake.get(`/v1/integrations?limit=1&cursor=${body.next}`, 'ada')).status).toBe(400);
  });
});
