import { describe, expect, it } from '@jest/globals';
import { MOST_CODE_BYTES, scanCode } from './scan.js';

const scan = (code: string) => scanCode(Buffer.from(code));
const uses = (code: string): readonly string[] => scan(code).uses.map(({ what }) => what);

describe('the scan of a bundle', () => {
  it.each([
    ['eval', "eval('1')", ['eval']],
    ['eval under another name', 'const run = eval; run(x)', ['eval']],
    ['a function made from text', "new Function('a', body)", ['new Function']],
    ['the function constructor, handed on', 'make(Function)', ['Function']],
    ['a detour to it', "(() => {}).constructor('return process')()", ['constructor(…)']],
    ['a longer detour', 'x.constructor.constructor(y)()', ['constructor.constructor']],
    ['a detour in brackets', "x['constr' + 'uctor']['constructor'](y)()", ['constructor.constructor']],
    ['an import at run time', "import('./chunk.js')", ['import("./chunk.js")']],
    ['an import of what nobody knows', 'import(name)', ['import(…)']],
    ['an import', "import pg from 'pg'; pg()", ['import "pg"']],
    ['an export from elsewhere', "export * from 'pg'", ['import "pg"']],
    ['require', "require('fs')", ['require("fs")']],
    ['require with a hidden name', "require('p' + 'g')", ['require("pg")']],
    ['one hidden in a list', "require(['p', 'g'].join(''))", ['require("pg")']],
    ['one hidden in base64', "require(atob('cGc='))", ['require("pg")']],
    ['one hidden in character codes', 'require(String.fromCharCode(112, 103))', ['require("pg")']],
    ['one hidden in a template', "const p = 'p'; require(`${p}g`)", ['require("pg")']],
    ['one written backwards', "require('gp'.split('').reverse().join(''))", ['require("pg")']],
    ['a global by a name that is put together', 'globalThis[atob(x)]', ['globalThis[…]']],
    ['eval by its name', "window['ev' + 'al'](x)", ['globalThis.eval']],
    ['WebAssembly', 'WebAssembly.instantiate(x)', ['WebAssembly']],
    ['a worker', "new Worker('w.js')", ['Worker']],
    ['the process', 'process.exit(1)', ['process.exit']],
    ['a variable of the process', 'process.env.TOKEN', ['process.env.TOKEN']],
    ['the process, handed on', 'const p = process; p.exit()', ['process']],
    ['a name that another function declares', 'function a(eval1, require) {} require(x)', ['require']],
    ['a name that a block declares', '{ const require = 1; } require(x)', ['require']],
  ])('finds %s', (...[, code, expected]) => expect(uses(code)).toEqual(expected));

  it.each([
    ['a bundled require', 'function outer(require) { return require(1); }'],
    ['a variable called process', 'const process = { exit() {} }; process.exit()'],
    ['a parameter of the name, anywhere inside', '((eval1, Function) => { { Function(x); } })()'],
    ['who asks whether there is one', "typeof require === 'function'; typeof process !== 'undefined'"],
    ['the mode of a build', "if (process.env.NODE_ENV !== 'production') x()"],
    ['what tells a server from a browser', 'process.versions'],
    ['the global object of older libraries', "Function('return this')()"],
    ['a test of a type', 'x instanceof Function; Function.prototype.call'],
    ['a global by its name', "globalThis['fetch']; window.setTimeout"],
    ['a name in a list of one’s own', 'handlers[name]'],
    ['the words in texts and comments', "'eval(1)'; /* require('pg') */"],
    ['a method of the name', 'tools.eval(1); tools.require(2)'],
    ['a class of one’s own', 'class A { m() { return this.constructor; } }'],
  ])('is silent about %s', (...[, code]) => expect(uses(code)).toEqual([]));

  it('names the line', () => {
    expect(scan("const a = 1;\n\nrequire('pg');").uses).toEqual([
      { what: 'require("pg")', line: 3, module: 'pg' },
    ]);
  });

  it('reads addresses and databases that are put together', () => {
    const { texts } = scan(
      "const h = ['10', '0', '0', '1'].join('.');\nfetch(`http://${h}/x`);\nopen(atob('cG9zdGdyZXM6Ly9kYi94'));",
    );
    expect(texts.addresses).toContainEqual({ text: 'http://10.0.0.1/x', line: 2 });
    expect(texts.databases).toEqual([{ text: 'a connection string (postgres://…)', line: 3 }]);
  });

  it.each([
    [
      'what does not parse',
      'export const = 1',
      'can’t be parsed as an ECMAScript module: Unexpected token',
      1,
    ],
    ['what is no module', 'with (a) {}', 'can’t be parsed as an ECMAScript module: ', 1],
    ['a hundred thousand brackets', '['.repeat(100_000), 'is nested too deeply to be parsed', null],
  ])('refuses %s', (...[, code, message, line]) =>
    expect(scan(code).refused).toEqual({ message: expect.stringContaining(message), line }),
  );

  it('refuses what is not UTF-8, and more than can be looked at, to the byte', () => {
    expect(scanCode(Uint8Array.of(0x66, 0xff)).refused?.message).toBe('is not UTF-8 text');
    const longest = Buffer.from('/**/'.padEnd(MOST_CODE_BYTES, ' '));
    expect(scanCode(longest).refused).toBeNull();
    expect(scanCode(Buffer.concat([longest, Buffer.from(' ')])).refused?.message).toBe(
      `has ${MOST_CODE_BYTES + 1} bytes; ${MOST_CODE_BYTES} can be looked at`,
    );
  });

  it('reads the addresses of what it refuses, too', () => {
    expect(scan("fetch('http://10.0.0.1'); (").texts.addresses).toEqual([
      { text: 'http://10.0.0.1', line: 1 },
    ]);
  });
});
