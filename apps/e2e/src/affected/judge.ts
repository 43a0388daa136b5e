import type { Reach } from './reach.ts';

/** The exact reach that a change should have. */
export interface Expectation {
  functions: string[];
  artifacts: string[];
  deploys: string[];
  stacks: string[];
  /** A list: these tests run and no others. `any`: the tests of every affected function run. */
  tests: 'any' | string[];
}

const LISTS = {
  functions: 'functions affected',
  artifacts: 'artifacts changed',
  deploys: 'functions deployed',
  stacks: 'other stacks deployed',
} as const;

/** The deviations of a reach from its expectation, as sentences. */
export function mistakes(reach: Reach, expected: Expectation): string[] {
  const lists = (Object.keys(LISTS) as (keyof typeof LISTS)[]).flatMap((key) => {
    const [is, should] = [list(reach[key]), list(expected[key])];
    return is === should ? [] : [`${LISTS[key]}: ${is}, not ${should}`];
  });
  // `nx affected` must include everything that is deployed.
  const missed = reach.artifacts.filter((name) => !reach.projects.includes(name));
  return [
    ...lists,
    ...missed.map((name) => `${name} changed, and Nx does not count it as affected`),
    ...mistakesInTests(reach, expected),
  ];
}

function mistakesInTests({ tests, functions, projects }: Reach, expected: Expectation): string[] {
  if (expected.tests !== 'any') {
    const [is, should] = [list(tests), list(expected.tests)];
    return is === should ? [] : [`tests that run: ${is}, not ${should}`];
  }
  const untested = functions.filter((name) => !tests.includes(`${name}:test`));
  const unneeded = tests.filter((id) => !projects.includes(id.split(':')[0] ?? ''));
  return [
    ...untested.map((name) => `${name} is affected, and its tests do not run`),
    ...unneeded.map((id) => `${id} runs for nothing`),
  ];
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : [...names].sort().join(', ');
}
