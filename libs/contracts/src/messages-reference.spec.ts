import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { messagesReference } from './messages-reference.js';

it('docs/reference/messages.md says what the code says (else: npm run contracts)', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/reference/messages.md'), 'utf8');
  expect(page.slice(page.indexOf('## Topics'))).toBe(messagesReference());
});
