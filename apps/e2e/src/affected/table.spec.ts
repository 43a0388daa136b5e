import { table } from './table.ts';

const reach = {
  projects: ['aggregator', 'infra'],
  functions: ['aggregator'],
  tests: ['aggregator:test'],
  artifacts: [],
  deploys: [],
  stacks: [],
};

describe('the table of changes', () => {
  it('has one row per change, with mistakes below', () => {
    const text = table(
      [
        { change: 'a comment', reach, mistakes: [] },
        { change: 'a line', reach, mistakes: ['artifacts changed: none, not aggregator'] },
      ],
      false,
    );
    expect(text).toMatch(/│ a comment +│ aggregator +│ aggregator:test +│ — +│ — +│ — +│ ok +│/);
    expect(text).toMatch(/│ a line +│ aggregator .*│ wrong │/);
    expect(text.trimEnd().split('\n').at(-1)).toBe('a line: artifacts changed: none, not aggregator');
  });
});
