import Sequencer from '@jest/test-sequencer';

/** Kinds of specs, each with the share of the run over which they begin: what takes minutes must not begin last. */
const KINDS = [
  { kind: /\.e2e\./, within: 0.6 },
  { kind: /\.serial\./, within: 0.8 },
  { kind: /\.int\./, within: 0.9 },
  { kind: /./, within: 1 },
];

/** Spreads the specs of each kind evenly, so that there are never only platforms, or only specs that wait for a broker, at a time. */
export default class SpreadSequencer extends Sequencer {
  sort(tests) {
    const kinds = KINDS.map(() => []);
    for (const test of [...tests].sort((a, b) => a.path.localeCompare(b.path)))
      kinds[KINDS.findIndex(({ kind }) => kind.test(test.path))].push(test);
    return kinds
      .flatMap((of, kind) => of.map((test, nr) => ({ test, at: (nr / of.length) * KINDS[kind].within })))
      .sort((a, b) => a.at - b.at)
      .map(({ test }) => test);
  }
}
