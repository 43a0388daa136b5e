import { type Expectation, mistakes } from './judge.ts';
import type { Reach } from './reach.ts';

const reach: Reach = {
  projects: ['aggregator', 'infra'],
  functions: ['aggregator'],
  tests: ['aggregator:test', 'infra:test'],
  artifacts: ['aggregator'],
  deploys: ['aggregator'],
  stacks: [],
};

const expected: Expectation = {
  functions: ['aggregator'],
  artifacts: ['aggregator'],
  deploys: ['aggregator'],
  stacks: [],
  tests: 'any',
};

describe('the reach of a change', () => {
  it('is right if it equals the expectation', () => {
    expect(mistakes(reach, expected)).toEqual([]);
  });

  it.each<[string, Partial<Reach>, string]>([
    [
      'too far',
      { deploys: ['replayer', 'aggregator'] },
      'functions deployed: aggregator, replayer, not aggregator',
    ],
    ['not far enough', { artifacts: [] }, 'artifacts changed: none, not aggregator'],
    ['in other stacks', { stacks: ['network'] }, 'other stacks deployed: network, not none'],
    [
      'at other functions',
      { functions: ['aggregator', 'replayer'], tests: ['aggregator:test', 'replayer:test'] },
      'functions affected: aggregator, replayer, not aggregator',
    ],
    ['past Nx', { projects: ['infra'] }, 'aggregator changed, and Nx does not count it as affected'],
    ['past its tests', { tests: ['infra:test'] }, 'aggregator is affected, and its tests do not run'],
    ['at tests of others', { tests: ['aggregator:test', 'ops:test'] }, 'ops:test runs for nothing'],
  ])('is wrong if it is %s', (_, change, sentence) => {
    expect(mistakes({ ...reach, ...change }, expected)).toContain(sentence);
  });

  it('is wrong if an unexpected test runs', () => {
    const none: Reach = { projects: [], functions: [], tests: [], artifacts: [], deploys: [], stacks: [] };
    const nothing: Expectation = { functions: [], artifacts: [], deploys: [], stacks: [], tests: [] };
    expect(mistakes(none, nothing)).toEqual([]);
    expect(mistakes({ ...none, tests: ['infra:test'] }, nothing)).toEqual([
      'tests that run: infra:test, not none',
    ]);
  });
});
