import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { boundServer } from './bound-server.js';

describe('a listener', () => {
  const server = createServer((_request, response) => void setImmediate(() => response.end('served')));
  beforeAll(async () => {
    boundServer(server, 100);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => void server.close());

  /** @returns what it says to this text, up to the end of the connection */
  const said = async (text: string): Promise<{ head: string; body: string }> => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(text);
    let answer = '';
    for await (const bytes of socket) answer += String(bytes);
    const end = answer.indexOf('\r\n\r\n');
    return { head: answer.slice(0, Math.max(end, 0)), body: answer.slice(end + 4) };
  };

  it.each([
    ['headers of 20 KB', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers-too-large'],
    ['what is not HTTP', 'HELLO\r\n\r\n', 400, 'malformed-request'],
  ])('answers %s with a problem', async (_case, text, status, code) => {
    const { head, body } = await said(text);
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} .*\\r\\n`));
    expect(head).toContain('application/problem+json; charset=utf-8');
    expect(JSON.parse(body)).toMatchObject({ status, code, type: `urn:kwanus:problem:${code}` });
  });

  it('never answers one request with what is wrong with the next', async () => {
    const { head } = await said('GET / HTTP/1.1\r\nHost: localhost\r\n\r\nHELLO\r\n\r\n');
    expect(head).not.toContain('400');
  });
});
