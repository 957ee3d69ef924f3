import { beforeEach, describe, expect, it } from '@jest/globals';
import type { UnitOfWork } from '@kwanus/event-store';
import { FlagsQuery } from './flags.query.js';

describe('flags that many ask for at a time', () => {
  let asked: string[];
  let failing: boolean;
  let flags: FlagsQuery;
  beforeEach(() => {
    asked = [];
    failing = false;
    const query = async (_: string, [integration]: readonly string[]): Promise<object[]> => {
      asked.push(integration ?? '');
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (failing) throw new Error('gone');
      return [{ state: JSON.stringify({ key: integration }), event_position: String(asked.length) }];
    };
    flags = new FlagsQuery({ query } as unknown as UnitOfWork);
  });

  it('are read once for all of them, each flag by itself', async () => {
    const found = await Promise.all(['a.b', 'c.d', 'a.b', 'a.b'].map((key) => flags.find(key)));
    expect(asked).toEqual(['a.b', 'c.d']);
    expect(found.map((known) => known?.flag)).toEqual(['a.b', 'c.d', 'a.b', 'a.b'].map((key) => ({ key })));
  });

  it('are read anew by whoever asks after that', async () => {
    const first = await flags.find('a.b');
    expect(await flags.find('a.b')).toEqual({ ...first, eventPosition: '2' });
  });

  it('are read anew after a read that failed', async () => {
    failing = true;
    const both = await Promise.allSettled([flags.find('a.b'), flags.find('a.b')]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    failing = false;
    await expect(flags.find('a.b')).resolves.not.toBeNull();
  });
});
