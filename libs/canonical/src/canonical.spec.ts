import { describe, expect, it } from '@jest/globals';
import {
  assertStorable,
  canonicalJson,
  eventHash,
  lengthPrefixed,
  microseconds,
  NO_HASH,
  NotStorable,
  sha256Hex,
  uuidv5,
  uuidv7,
} from './index.js';

const ieee = (hex: string): number => {
  const bytes = Buffer.from(hex, 'hex');
  return bytes.readDoubleBE();
};

describe('canonicalJson', () => {
  // RFC 8785, appendix B.
  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('writes the number %s of the RFC as %s', (hex, text) => {
    expect(canonicalJson(ieee(hex))).toBe(text);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %s', (value) => {
    expect(() => canonicalJson([value])).toThrow('JSON has no form');
  });

  // RFC 8785, section 3.2.3.
  it('sorts members by UTF-16 code units', () => {
    const value = {
      '€': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '😀': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      ö: 'Latin Small Letter O With Diaeresis',
    };
    expect(Object.values(JSON.parse(canonicalJson(value)) as object)).toEqual([
      'One',
      'Carriage Return',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  // RFC 8785, section 3.2.2.
  it('writes the sample of the RFC', () => {
    const sample =
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}';
    expect(canonicalJson(JSON.parse(sample))).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('leaves out members that are undefined', () => {
    expect(canonicalJson({ a: undefined, b: 1 } as never)).toBe('{"b":1}');
  });
});

describe('assertStorable', () => {
  it.each<[unknown, string]>([
    [{ a: [{ 'b/c~': 'x\u0000' }] }, '/a/0/b~1c~0'],
    [{ ['k\u0000']: 1 }, '/k\u0000'],
    [['\ud800'], '/0'],
    [{ n: 2 ** 53 }, '/n'],
    [{ n: -(2 ** 53) }, '/n'],
    [{ n: Number.NaN }, '/n'],
    [{ n: 1n }, '/n'],
    [[undefined], '/0'],
    [{ at: new Date(0) }, '/at'],
    [{ at: new Map() }, '/at'],
  ])('refuses %p at %s', (value, pointer) => {
    expect(() => assertStorable(value)).toThrow(expect.objectContaining({ name: 'NotStorable', pointer }));
  });

  it('refuses what is nested too deep instead of running out of stack', () => {
    let value: unknown = 1;
    for (let depth = 0; depth < 100_000; depth += 1) value = [value];
    expect(() => assertStorable(value)).toThrow(NotStorable);
  });

  it('takes the limits of a safe integer, pairs of surrogates and absent members', () => {
    expect(() =>
      assertStorable({ a: 2 ** 53 - 1, b: -(2 ** 53 - 1), c: '😀', d: undefined, e: [null, true, 0.1] }),
    ).not.toThrow();
  });
});

describe('eventHash', () => {
  it('covers every field, none of which can borrow from its neighbour', () => {
    const event = {
      prevHash: NO_HASH,
      algorithm: 1,
      tenantId: 'default',
      streamType: 'integration',
      streamId: 'integration-acme.crm',
      version: 1,
      eventId: '019aafe0-0000-7000-8000-000000000001',
      type: 'ProposalSubmitted',
      schemaVersion: 1,
      data: '{"partner":"acmé"}',
      meta: '{}',
      occurredAt: 1n,
      recordedAt: 2n,
    };
    const variants = [
      event,
      { ...event, prevHash: `${'0'.repeat(63)}1` },
      { ...event, algorithm: 2 },
      { ...event, tenantId: 'defaulti', streamType: 'ntegration' },
      { ...event, version: 2 },
      { ...event, eventId: '019aafe0-0000-7000-8000-000000000002' },
      { ...event, schemaVersion: 2 },
      { ...event, data: '{"partner":"acme"}' },
      { ...event, meta: '{"a":1}' },
      { ...event, occurredAt: 2n },
      { ...event, recordedAt: 3n },
    ].map(eventHash);
    expect(new Set(variants).size).toBe(variants.length);
    expect(variants[0]).toMatch(/^[0-9a-f]{64}$/);
  });

  it('gives null a length that no field has', () => {
    expect([...lengthPrefixed(null)]).toEqual([255, 255, 255, 255]);
    expect([...lengthPrefixed(Buffer.from('é'))]).toEqual([0, 0, 0, 2, 0xc3, 0xa9]);
  });

  it('knows SHA-256 (FIPS 180-4, "abc")', () => {
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

describe('microseconds', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0n],
    ['2026-11-23T10:00:00.123456Z', 1795428000123456n],
    ['2026-11-23T10:00:00.1234569Z', 1795428000123456n],
    ['2026-11-23 10:00:00.1', 1795428000100000n],
    ['2026-11-23T12:00:00.1+02:00', 1795428000100000n],
    ['1969-12-31T23:59:59.999999Z', -1n],
  ])('reads %s', (text, expected) => {
    expect(microseconds(text)).toBe(expected);
  });

  it.each(['yesterday', '2026-13-01T00:00:00Z', ''])('refuses %p', (text) => {
    expect(() => microseconds(text)).toThrow(RangeError);
  });
});

describe('uuids', () => {
  it('makes the UUIDv5 of RFC 9562, appendix A.4', () => {
    expect(uuidv5('www.example.com', '6ba7b810-9dad-11d1-80b4-00c04fd430c8')).toBe(
      '2ed6657d-e927-568b-95e1-2665a8aea6a2',
    );
  });

  it('makes UUIDv7 that rise, even within a millisecond and when the clock goes back', () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => uuidv7(1_795_428_000_000 - index));
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
