import { fillIn, markdown } from './markdown.ts';

const page = 'before\n<!-- table:begin -->\nold\n<!-- table:end -->\nafter';

describe('fillIn', () => {
  it('replaces the text between the markers, and nothing else', () => {
    const filled = fillIn(page, 'table', 'new\n');
    expect(filled).toBe('before\n<!-- table:begin -->\n\nnew\n\n<!-- table:end -->\nafter');
    expect(fillIn(filled, 'table', 'new')).toBe(filled);
  });

  it('names missing markers', () => {
    expect(() => fillIn(page, 'plot', 'x')).toThrow('the page has no markers for "plot"');
  });
});

describe('markdown', () => {
  it('formats a head, a separator and the rows', () => {
    expect(markdown(['a', 'b'], [['1', '2']])).toBe('| a | b |\n| --- | --- |\n| 1 | 2 |');
  });
});
