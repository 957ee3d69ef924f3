import { describe, expect, it } from '@jest/globals';
import { ID } from '../testing/orders.js';
import { ReleaseLife } from '../testing/release-life.js';

/** Ready for step 5 but for where it would be rolled back to. */
function waiting(rollbackTo: string, cells: readonly string[] = ['compatible']): ReleaseLife {
  const first = new ReleaseLife().until(8);
  row(first, cells);
  const life = first.next('1.1.0');
  life.submit('ada', { declared: { rollbackTo } });
  for (const phase of ['preparation', 'implementation'] as const) life.phase(phase);
  life.fact(life.verdict());
  return life;
}
const row = (life: ReleaseLife, cells: readonly string[]) =>
  life.fact({
    type: 'CompatibilityMatrixUpdated',
    data: {
      integrationId: ID,
      release: life.release,
      cause: life.cause(),
      cells: cells.map((state) => ({ state })),
    },
  });

describe('[PB-9.06] what a manifest names under rollback.to', () => {
  it('is the release that serves, and compatible: there a failing gate leads', () => {
    const life = waiting('1.0.0');
    expect(life.step).toBe(5);
    expect(
      life.events.find(
        ({ type, data }) => type === 'RolloutRequested' && 'release' in data && data.release === '1.1.0',
      ),
    ).toMatchObject({
      data: { previous: '1.0.0' },
    });
  });

  it('keeps the release in step 4 where it is another one: it would not be followed', () => {
    const life = waiting('0.9.0');
    expect(life.step).toBe(4);
    expect(life.gate().missing).toEqual([
      {
        what: 'a rollback to 1.0.0, which is what serves: the manifest names 0.9.0 under `rollback.to`',
        who: 'partner',
        requirement: 'release:fallback',
      },
    ]);
  });

  it.each([
    ['it does not work with', ['compatible', 'incompatible'], 4],
    ['nobody has looked at', ['stale', 'unknown'], 4],
    ['that are not there', [], 4],
    ['that its waivers let through', ['waived'], 5],
    ['that fall back, beside one that is new', ['compatible-with-fallback', 'stale'], 5],
  ])('is asked of the matrix: versions of the platform %s', (_, cells, step) => {
    const life = waiting('1.0.0', cells);
    expect(life.step).toBe(step);
    if (step === 4)
      expect(life.gate().missing).toMatchObject([{ who: 'validation', requirement: 'release:fallback' }]);
  });

  it('follows the matrix: a later row lets the release on', () => {
    const life = waiting('1.0.0', ['incompatible']);
    life.fact({
      type: 'CompatibilityMatrixUpdated',
      data: { integrationId: ID, release: '1.0.0', cause: 'mended', cells: [{ state: 'compatible' }] },
    });
    expect(life.step).toBe(5);
  });

  it('of a first release is nothing', () => {
    const life = new ReleaseLife().until(1);
    life.submit('ada', { declared: { rollbackTo: '0.9.0' } });
    expect(life.gate(4).missing).toContainEqual(
      expect.objectContaining({ what: expect.stringContaining('a rollback to nothing') }),
    );
  });
});
