import { jsonText } from './json-text.ts';

describe('jsonText', () => {
  it('formats JSON as Oxfmt does', () => {
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

  it('keeps a list of one object on one line', () => {
    expect(jsonText({ access: [{ resource: 'ledger', may: ['get'] }] })).toBe(
      '{\n  "access": [{ "resource": "ledger", "may": ["get"] }]\n}',
    );
  });

  it('keeps the value', () => {
    const value = { text: 'a "quoted"\nline', list: [{ n: 1 }], tags: { t: 'v' } };
    expect(JSON.parse(jsonText(value))).toEqual(value);
  });
});
