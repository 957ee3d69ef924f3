import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type Intake, startIntake } from '../testing/intake-harness.js';

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('artefacts over HTTP', () => {
  let intake: Intake;
  beforeAll(async () => {
    intake = await startIntake();
  });
  afterAll(() => intake.stop());

  const send = async (method: string, digest: string, as: string, body?: string, type = 'text/markdown') => {
    const response = await fetch(`${intake.base}/v1/artifacts/${digest}`, {
      method,
      headers: { authorization: `Bearer ${await intake.token(as)}`, 'content-type': type },
      ...(body === undefined ? {} : { body }),
    });
    const { status, headers } = response;
    return {
      status,
      type: headers.get('content-type'),
      length: headers.get('content-length'),
      retryAfter: headers.get('retry-after'),
      text: await response.text(),
    };
  };

  it('keeps bytes by digest and gives them back as they were', async () => {
    const text = '# Plan\n';
    const kept = await send('PUT', digestOf(text), 'ada', text);
    expect(JSON.parse(kept.text)).toEqual({ digest: digestOf(text), size: 7, mediaType: 'text/markdown' });
    expect(await send('PUT', `sha256:${digestOf(text)}`, 'ada', text)).toEqual(kept);
    expect(await send('GET', digestOf(text), 'alan')).toMatchObject({
      status: 200,
      type: 'text/markdown',
      length: '7',
      text,
    });
    expect(await send('HEAD', digestOf(text), 'alan')).toMatchObject({
      status: 200,
      type: 'text/markdown',
      length: '7',
    });
  });

  it('refuses bytes that have another digest', async () => {
    const refused = await send('PUT', digestOf('this'), 'ada', 'that');
    expect(refused.status).toBe(422);
    expect(JSON.parse(refused.text)).toMatchObject({ code: 'digest-mismatch' });
  });

  it('refuses a media type that is none, and answers 404 to a digest that is none', async () => {
    expect((await send('PUT', digestOf('x'), 'ada', 'x', 'nonsense')).status).toBe(415);
    expect((await send('GET', 'abc', 'ada')).status).toBe(404);
  });

  it('takes an empty file', async () => {
    expect((await send('PUT', digestOf(''), 'ada', '')).status).toBe(200);
    expect(await send('GET', digestOf(''), 'ada')).toMatchObject({ status: 200, text: '' });
  });

  it('says in one answer what is still to be uploaded, to each partner by what it may see', async () => {
    const [kept, absent] = [digestOf('kept by acme'), digestOf('kept by nobody')];
    await send('PUT', kept, 'ada', 'kept by acme');
    const ask = async (as: string, body: object) => {
      const response = await fetch(`${intake.base}/v1/artifacts/missing`, {
        method: 'POST',
        headers: { authorization: `Bearer ${await intake.token(as)}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { status: response.status, body: await response.json() };
    };
    const digests = [kept, absent, absent];
    expect(await ask('ada', { digests })).toEqual({ status: 200, body: { missing: [absent] } });
    expect(await ask('gus', { digests })).toEqual({ status: 200, body: { missing: [kept, absent] } });
    expect(await ask('ada', { digests: [`sha256:${kept}`] })).toMatchObject({
      status: 422,
      body: {
        detail: '/digests/0: is no SHA-256 of 64 lower-case hexadecimal digits; nothing stands before them.',
      },
    });
    expect((await ask('ada', { digests: [] })).status).toBe(422);
  });

  it('shows another partner nothing, not even that the bytes are there', async () => {
    const text = 'a secret of acme';
    await send('PUT', digestOf(text), 'ada', text, 'text/plain');
    const [foreign, missing] = [digestOf(text), digestOf('nobody has this')];
    const mask = ({ text: body, ...rest }: { text: string; status: number }) => ({
      ...rest,
      body: body.replace(/[0-9a-f]{64}/, '…'),
    });
    for (const method of ['GET', 'HEAD'])
      expect(mask(await send(method, foreign, 'gus'))).toEqual(mask(await send(method, missing, 'gus')));
    const own = await send('PUT', foreign, 'gus', text, 'application/pdf');
    expect(JSON.parse(own.text)).toEqual({
      digest: foreign,
      size: text.length,
      mediaType: 'application/pdf',
    });
    expect(await send('GET', foreign, 'gus')).toMatchObject({ status: 200, type: 'application/pdf', text });
    expect(await send('GET', foreign, 'ada')).toMatchObject({ status: 200, type: 'text/plain', text });
  });

  it('takes 500 MB a day of a partner that no release names; each partner has its own', async () => {
    const database = new pg.Client({ connectionString: intake.database.url });
    await database.connect();
    await database.query(
      `INSERT INTO intake.upload (owner, digest, media_type, size, uploaded_at)
       SELECT 'globex', md5(n::text) || md5(n::text), 'text/plain', 25000000, $1 FROM generate_series(1, 20) AS n`,
      [new Date(intake.clock.now())],
    );
    const put = (as: string) => send('PUT', digestOf('one more'), as, 'one more');
    const refused = await put('gus');
    expect(refused.status).toBe(429);
    expect(JSON.parse(refused.text)).toMatchObject({ code: 'rate-limited' });
    expect(Number(refused.retryAfter)).toBeGreaterThan(24 * 60 * 60 - 60);
    expect((await put('ada')).status).toBe(200);
    expect((await put('olga')).status).toBe(200);

    await database.query(
      `INSERT INTO intake_read.artifact_reference (partner, digest, media_type, size)
       SELECT owner, digest, media_type, size FROM intake.upload WHERE owner = 'globex' AND size = 25000000 LIMIT 1`,
    );
    await database.end();
    expect((await put('gus')).status).toBe(200);
    expect((await put('gus')).status).toBe(200);
  });

  it('shows the platform’s people every artefact', async () => {
    await send('PUT', digestOf('for all'), 'gus', 'for all', 'text/plain');
    expect(await send('GET', digestOf('for all'), 'tess')).toMatchObject({ status: 200, text: 'for all' });
  });
});
