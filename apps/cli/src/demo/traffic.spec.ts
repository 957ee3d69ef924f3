import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { KwanusClient } from '@kwanus/platform-client';
import { Traffic } from './traffic.js';

describe('the traffic of the demo', () => {
  it('reports what a slow platform answers in a moment, not when everybody was asked for', async () => {
    const reported: string[][] = [];
    const release = { value: { release: '1.0.0' } };
    const client = {
      calls: {
        // So slow that a second handful is never asked for.
        post: async () => pause(300, release),
        connection: {
          send: async (_method: string, _path: string, { bytes }: { bytes: { content: Uint8Array } }) => {
            const events = JSON.parse(Buffer.from(bytes.content).toString()) as {
              data: { workspace: string };
            }[];
            reported.push([...new Set(events.map(({ data }) => data.workspace))]);
            return Response.json({ accepted: events.length }, { status: 202 });
          },
        },
      },
    } as unknown as KwanusClient;
    const traffic = new Traffic({
      client,
      integration: 'acme.orders',
      operations: ['getOrder'],
      workflow: 'restock',
      permission: 'orders:read',
      errorRate: () => 0,
      onTrouble: (error) => reported.push([String(error)]),
    });

    traffic.start();
    while (reported.length === 0) await pause(10);
    await traffic.stop();

    expect(reported[0]).toEqual(['internal', 'readme']);
  });
});
