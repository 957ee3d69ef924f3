import { describe, expect, it } from '@jest/globals';
import { Narrator } from './narrator.js';

function told(interactive: boolean, tell: (narrator: Narrator) => void, columns: number | null = 90): string {
  let out = '';
  const write = (text: string): void => {
    out += text;
  };
  tell(new Narrator({ out: write, err: () => undefined, interactive, columns }));
  return out.replaceAll(/\d\.\d s/g, '0.0 s');
}
const long = 'risk high (a new permission: releases:read, a new workflow): controlled rollout';

describe('the narrator', () => {
  it('keeps a line whole where nobody reads it on a terminal', () => {
    expect(told(false, (narrator) => narrator.did('rollout', long))).toBe(
      `      0.0 s  rollout                ${long}\n`,
    );
  });

  it('keeps the text in its column on a terminal', () => {
    const lines = told(true, (narrator) => narrator.did('rollout', long))
      .trimEnd()
      .split('\n');
    expect(lines[0]).toBe(
      '      0.0 s  rollout                risk high (a new permission: releases:read, a new',
    );
    for (const line of lines.slice(1)) expect(line).toMatch(/^ {36}\S/);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(90);
  });

  it('draws nothing on a terminal that tells no width', () => {
    const tell = (narrator: Narrator): void => {
      narrator.waiting('something');
      narrator.did('rollout', long);
    };
    expect(told(true, tell, null)).toBe(`      0.0 s  rollout                ${long}\n`);
  });

  it('names what a gate asks for, and of whom, one a line', () => {
    const missing = [
      { what: 'approval by TSC (technical)', who: 'TSC' },
      { what: 'evidence for testing', who: 'partner' },
    ];
    expect(told(false, (narrator) => narrator.asks(missing))).toBe(
      [
        '             asks TSC         approval by TSC (technical)',
        '                  partner     evidence for testing\n',
      ].join('\n'),
    );
  });

  it('lets no text move the cursor or forge a line', () => {
    expect(told(false, (narrator) => narrator.detail('a\u001b[2J\nb'))).toBe('             a [2J b\n');
  });
});
