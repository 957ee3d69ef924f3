import { Parser } from '@asyncapi/parser';
import { describe, expect, it } from '@jest/globals';
import { asyncApiDocument } from './async-api.js';
import { MESSAGE_TYPES } from './registry.js';

describe('asyncApiDocument', () => {
  it('is a valid AsyncAPI 3 document with every message type', async () => {
    const { document, diagnostics } = await new Parser().parse(JSON.stringify(asyncApiDocument('0.1.0')));
    expect(diagnostics.filter(({ severity }) => severity === 0)).toEqual([]);
    const names =
      document
        ?.allMessages()
        .all()
        .map((message) => message.name()) ?? [];
    expect(new Set(names)).toEqual(new Set(Object.keys(MESSAGE_TYPES)));
  });
});
