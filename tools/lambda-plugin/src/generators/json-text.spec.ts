import { jsonText } from './json-text.ts';

describe('jsonText', () => {
  it('lays JSON out as Prettier leaves it', () => {
    const value = { a: 'x', b: { c: ['d', 'e'], f: {} }, g: [{ h: ['i'], j: 1 }, {}], k: [] };
    expect(jsonText(value)).toBe(
      [
        '{',
        '  "a": "x",',
        '  "b": {',
        '    "c": ["d", "e"],',
        '    "f": {}',
        '  },',
        '  "g": [',
        '    { "h": ["i"], "j": 1 },',
        '    {}',
        '  ],',
        '  "k": []',
        '}',
      ].join('\n'),
    );
  });

  it('says the same as what it was given', () => {
    const value = { text: 'a "quoted"\nline', list: [{ n: 1 }], tags: { t: 'v' } };
    expect(JSON.parse(jsonText(value))).toEqual(value);
  });
});
