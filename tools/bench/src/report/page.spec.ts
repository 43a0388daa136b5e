import { fillIn } from './page.ts';

const page = 'before\n<!-- table:begin -->\nold\n<!-- table:end -->\nafter';

describe('fillIn', () => {
  it('replaces what stands between the markers, and nothing else', () => {
    const filled = fillIn(page, 'table', 'new\n');
    expect(filled).toBe('before\n<!-- table:begin -->\n\nnew\n\n<!-- table:end -->\nafter');
    expect(fillIn(filled, 'table', 'new')).toBe(filled);
  });

  it('says what place is missing', () => {
    expect(() => fillIn(page, 'plot', 'x')).toThrow('the page has no place for "plot"');
  });
});
