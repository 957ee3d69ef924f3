import { describe, expect, it } from '@jest/globals';
import { describe as described } from './problem.filter.js';

const failure = (code: string, syscall: string): Error =>
  Object.assign(new Error(`${syscall} ${code}`), { code, syscall });

describe('what is said about an error', () => {
  it.each([
    ['a port where nobody listens', failure('ECONNREFUSED', 'connect')],
    ['a database’s socket that is not there', failure('ENOENT', 'connect')],
    ['a database’s socket where too many wait', failure('EAGAIN', 'connect')],
  ])('is that something is away: %s', (_, error) => {
    expect(described(error)).toMatchObject({ code: 'unavailable', retryAfter: 1 });
  });

  it('is that it is a fault of ours, where a file is missing', () => {
    expect(described(failure('ENOENT', 'open'))).toMatchObject({ code: 'internal-error' });
  });
});
