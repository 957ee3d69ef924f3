import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, type Intake, startIntake } from '../testing/intake-harness.js';

describe('the event stream over HTTP', () => {
  let intake: Intake;
  beforeAll(async () => {
    intake = await startIntake();
  });
  afterAll(() => intake.stop());

  const open = async (as: string) => {
    const left = new AbortController();
    const { status, headers } = await fetch(`${intake.base}/v1/stream`, {
      headers: { authorization: `Bearer ${await intake.token(as)}`, accept: 'text/event-stream' },
      signal: left.signal,
    });
    return { status, retryAfter: headers.get('retry-after'), leave: () => left.abort() };
  };

  it('is open five times for one caller; the others have theirs', async () => {
    const streams = await Promise.all(Array.from({ length: 5 }, () => open('gus')));
    expect(streams.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(await open('gus')).toMatchObject({ status: 429, retryAfter: '5' });
    expect(await open('ada')).toMatchObject({ status: 200 });
    streams[0]?.leave();
    await eventually(async () => ((await open('gus')).status === 200 ? true : undefined));
  });
});
