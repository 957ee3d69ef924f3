import { afterAll, afterEach, beforeAll, describe } from '@jest/globals';
import { groupCases } from './group-cases.js';
import { messageCases } from './message-cases.js';
import { recoveryCases } from './recovery-cases.js';
import { type TransportHarness, TransportSuite } from './transport-suite.js';

export type { TransportHarness } from './transport-suite.js';

/** What every transport must keep. Not promised, so not asserted: order across keys, the moment of a rebalance, no duplicates. */
export function transportContract(name: string, makeHarness: () => Promise<TransportHarness>): void {
  describe(`${name} keeps the transport contract`, () => {
    const suite = new TransportSuite(makeHarness);

    beforeAll(() => suite.start(), 120_000);
    afterEach(() => suite.afterCase(), 60_000);
    afterAll(() => suite.close(), 60_000);

    messageCases(suite);
    groupCases(suite);
    recoveryCases(suite);
  });
}
