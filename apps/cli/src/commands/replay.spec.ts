import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { kwanus } from '../testing/run.js';

const FIXTURE = join(import.meta.dirname, '../../../../libs/domain/integration/fixtures/acme.orders.jsonl');
const folder = mkdtempSync(join(tmpdir(), 'kwanus-replay-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const [first = ''] = readFileSync(FIXTURE, 'utf8').split('\n');
const later = `${JSON.stringify({ ...(JSON.parse(first) as object), schemaVersion: 99 })}\n`;

const lines = readFileSync(FIXTURE, 'utf8').trimEnd().split('\n');
const senseless = lines
  .map((text, index) => (index === 59 ? JSON.stringify({ ...(JSON.parse(text) as object), data: {} }) : text))
  .join('\n');
const gap = lines.filter((_, index) => index !== 2).join('\n');

describe('kwanus replay FILE.jsonl', () => {
  it('folds the whole trail', async () => {
    const { code, out } = await kwanus('replay', FIXTURE);
    expect(code).toBe(0);
    expect(out).toMatch(/^acme\.orders at version \d+ \(.+\): active, live 1\.0\.0\n/);
  });

  it('folds it as of a version', async () => {
    const { out } = await kwanus('replay', FIXTURE, '--version', '3', '--json');
    expect(JSON.parse(out)).toMatchObject({ live: null, releases: { '1.0.0': { step: 1 } } });
  });

  it('refuses a version that the trail does not have', async () => {
    const { code, err } = await kwanus('replay', FIXTURE, '--version', '9999');
    expect({ code, err }).toEqual({
      code: 2,
      err: `kwanus: There is no version 9999 yet: the trail ends at ${lines.length}.\n`,
    });
  });

  it('says that nothing had happened before the first event', async () => {
    expect((await kwanus('replay', FIXTURE, '--at', '2000-01-01')).out).toBe('Nothing had happened yet.\n');
  });

  it('names what differs between two versions', async () => {
    const { out } = await kwanus('replay', FIXTURE, '--diff', '2', String(lines.length));
    expect(out).toMatch(/^\/live: null → "1\.0\.0"$/m);
  });

  it('tells every event in one line', async () => {
    const { out } = await kwanus('replay', FIXTURE, '--step');
    expect(out.trimEnd().split('\n')).toHaveLength(
      readFileSync(FIXTURE, 'utf8').trimEnd().split('\n').length,
    );
  });

  it.each([
    ['a file that is not there', join(folder, 'none.jsonl'), "can't be read"],
    ['a line that is not JSON', file('broken.jsonl', '{"number": 1\n'), 'broken.jsonl:1 is not JSON'],
    ['an event of a later schema version', file('later.jsonl', later), 'later.jsonl:1: '],
    [
      'data that its event never had',
      file('senseless.jsonl', senseless),
      'the data of event 60 is not what a StewardshipScheduled holds',
    ],
    ['a trail with a gap', file('gap.jsonl', gap), 'event 3 is missing'],
    ['a line that is no event', file('other.jsonl', '{"number": 1}\n'), 'other.jsonl:1: eventId'],
  ])('refuses %s with exit 2 and one line', async (_, path, message) => {
    const { code, err } = await kwanus('replay', path);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });

  it('refuses a bound that is neither version nor time', async () => {
    expect(await kwanus('replay', FIXTURE, '--at', 'yesterday')).toMatchObject({ code: 2, out: '' });
  });
});
