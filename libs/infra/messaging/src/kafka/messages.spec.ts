import { describe, expect, it } from '@jest/globals';
import { fromKafka, sizeOf, toKafka } from './messages.js';

describe('a message on its way to kafkajs', () => {
  it('has one partition when it has no key: else every attempt would take another, and other sequence numbers', () => {
    expect(toKafka({ key: null, headers: {}, body: null })).toMatchObject({ key: null, partition: 0 });
    expect(toKafka({ key: 'k', headers: {}, body: null })).not.toHaveProperty('partition');
  });

  it('counts its key and headers', () => {
    const bare = sizeOf({ key: null, headers: {}, body: null });
    const full = sizeOf({ key: 'ключ', headers: { a: 'ü' }, body: Buffer.from('body') });
    expect(full - bare).toBeGreaterThanOrEqual(8 + 1 + 2 + 4);
  });
});

describe('a message as a stranger sent it', () => {
  it('is read as text, of a header given twice the last', () => {
    const headers = { twice: ['a', 'b'], bytes: Buffer.from([0xff, 0x41]), none: undefined };
    const message = {
      offset: '7',
      key: Buffer.from([0xff]),
      value: null,
      headers,
      timestamp: '0',
      attributes: 0,
    };
    expect(fromKafka('t', 1, message)).toEqual({
      topic: 't',
      partition: 1,
      position: '7',
      key: '\uFFFD',
      headers: { twice: 'b', bytes: '\uFFFDA' },
      body: null,
    });
  });
});
