import { testDatabase } from '@kwanus/testing-infra';
import { transportContract } from '@kwanus/testing-infra/transport-contract';
import { openPostgresTransport, type PostgresTransport } from '../index.js';

transportContract('PostgreSQL', async () => {
  const database = await testDatabase();
  return {
    open: () => openPostgresTransport({ url: database.url }),
    crashMember: (transport) => (transport as PostgresTransport).crash(),
    patience: 10_000,
    close: () => database.drop(),
  };
});
