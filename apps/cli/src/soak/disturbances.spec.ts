import { describe, expect, it } from '@jest/globals';
import { Disturbances } from './disturbances.js';
import type { SoakedPlatform } from './platform.js';

describe('disturbances', () => {
  it('that are stopped before they were enough keep nobody waiting for more of them', async () => {
    const platform = { processes: () => [] } as unknown as SoakedPlatform;
    const disturbances = new Disturbances(platform, {
      random: () => 0.5,
      outageMs: 600_000,
      killEveryMs: 600_000,
      onNews: () => undefined,
    });
    const reached = disturbances.reached({ outages: 1, kills: 3 });
    expect(await disturbances.stop()).toEqual({ brokerOutages: 0, postgresOutages: 0, kills: 0 });
    await reached;
  }, 5_000);
});
