import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { loadedMarkup } from './loaded-markup.js';

describe('markup', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it.each([
    [
      '<svg xmlns="http://w3.example/svg"><img src="https://a.example/p">',
      '<svg ><img src="https://a.example/p">',
    ],
    ["<b xmlns:x = 'http://w3.example/x' y='1'>", "<b  y='1'>"],
    ['<A href="https://a.example">a</A><a\nhref=b>', 'a</A>'],
    ['<abbr title="https://a.example">', '<abbr title="https://a.example">'],
    ['<a href="https://a.example"', '<a href="https://a.example"'],
    ["<b xmlns=\"//a.example xmlns='//b.example'", '<b xmlns="//a.example '],
    ['<a <img src="//a.example">//b.example', '//b.example'],
  ])('loses what loads nothing: %s', (markup, loaded) => expect(loadedMarkup(markup)).toBe(loaded));

  it.each([
    '<a '.repeat(7_000),
    'xmlns="'.repeat(3_000).replace(/"/g, (sign, at) => (at % 2 === 0 ? sign : "'")),
    ` xmlns='`.repeat(2_999),
  ])('is gone through once for each sign that never comes', (markup) => {
    let searched = 0;
    jest.spyOn(String.prototype, 'indexOf').mockImplementation(function (this: string, sign, from = 0) {
      const passed = this.slice(from).split(sign, 1)[0] ?? '';
      searched += passed.length;
      return from + passed.length === this.length ? -1 : from + passed.length;
    });
    loadedMarkup(markup);
    expect(searched).toBeLessThanOrEqual(3 * markup.length);
  });
});
