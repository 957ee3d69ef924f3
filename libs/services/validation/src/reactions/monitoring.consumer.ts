import { monitoringMessages, TOPICS } from '@kwanus/contracts';
import type { ConsumerDefinition } from '@kwanus/messaging';
import { type GrantBooks, noteGrants } from './grants.js';

const ofType = (name: string): string => `${TOPICS.monitoring.name}.${name}.v1`;

/** What monitoring has seen of permissions that live releases hold: the evidence for and against taking them away. */
export const monitoringConsumer = (books: Pick<GrantBooks, 'grants'>): ConsumerDefinition => ({
  name: 'validation.monitoring',
  topic: TOPICS.monitoring.name,
  source: TOPICS.monitoring.owner,
  handlers: {
    [ofType('permission-unused')]: async ({ data }, { metadata }) => {
      const unused = monitoringMessages.PermissionUnused.parse(data);
      await noteGrants(books, { type: 'ProposeRevocation', ...unused }, metadata);
    },
    [ofType('permission-used-again')]: async ({ data }, { metadata }) => {
      const used = monitoringMessages.PermissionUsedAgain.parse(data);
      await noteGrants(books, { type: 'NoteUse', ...used }, metadata);
    },
  },
});
