import { expect, it } from '@jest/globals';
import { testDatabase } from '@kwanus/testing-infra';
import { openPostgresTransport } from '../index.js';

it('smoke', async () => {
  const db = await testDatabase();
  const t = await openPostgresTransport({ url: db.url, onTrouble: (e) => console.log('trouble', e) });
  await t.ensureTopics([{ name: 'a', partitions: 3, retentionMs: -1 }]);
  const got: string[] = [];
  const s = await t.subscribe({
    group: 'g', topics: ['a'],
    handler: async (b) => { for (const m of b) got.push(`${m.key}${m.position}${Buffer.from(m.body!).toString()}`); },
    onTrouble: (e) => console.log('sub trouble', e),
  });
  const t0 = performance.now();
  for (let i = 0; i < 50; i++) await t.send('a', [{ key: `k${i % 4}`, headers: { x: '1' }, body: Buffer.from(`{"i":${i}}`) }]);
  while (got.length < 50) await new Promise((r) => setTimeout(r, 5));
  console.log(performance.now() - t0, await t.lag('g'));
  await s.stop();
  await t.close();
  await db.drop();
  expect(got.length).toBe(50);
});
