import type { Clone } from './clone.ts';
import type { Expectation } from './judge.ts';

/** A typical change, and its expected reach. */
export interface Change {
  title: string;
  apply: (clone: Clone) => Promise<unknown>;
  /** @param functions names of the functions before the change */
  expects: (functions: string[]) => Expectation;
}

const NOTHING: Expectation = { functions: [], artifacts: [], deploys: [], stacks: [], tests: 'any' };
const SAMPLE = 'probe';
/** The functions over `libs/bundling`. */
const BUNDLING = ['aggregator', 'large-objects'];

export const changes: readonly Change[] = [
  {
    title: 'a comment in the aggregator',
    apply: ({ edit }) => edit('apps/aggregator/src/handler.ts', /^/, '// A comment.\n'),
    expects: () => ({ ...NOTHING, functions: ['aggregator'] }),
  },
  {
    title: 'a line of the bundling functions',
    apply: ({ edit }) => edit('libs/bundling/src/report.ts', /'batch\.done'/, "'batch.over'"),
    expects: () => reaching(BUNDLING),
  },
  {
    title: 'a part of the library that only they use',
    apply: ({ edit }) =>
      edit('libs/shared-processing/src/reader/open-object.ts', /MAX_RESUMES = \d+/, 'MAX_RESUMES = 7'),
    expects: (functions) => ({ ...reaching(BUNDLING), functions }),
  },
  {
    title: 'a part of the library that every function uses',
    apply: ({ edit }) =>
      edit(
        'libs/shared-processing/src/config/read-config.ts',
        /the environment is wrong/,
        'no such settings',
      ),
    expects: (functions) => ({ ...NOTHING, functions, artifacts: functions, deploys: functions }),
  },
  {
    title: 'memory in the function.json of the aggregator',
    apply: ({ edit }) => edit('apps/aggregator/function.json', /"memoryMb": \d+/, '"memoryMb": 768'),
    // An alarm depends on the function's memory.
    expects: () => ({
      ...NOTHING,
      functions: ['aggregator'],
      deploys: ['aggregator'],
      stacks: ['observability'],
    }),
  },
  {
    title: 'an alarm in the environment dev',
    apply: ({ edit }) =>
      edit('apps/infra/src/environments/dev.ts', /backlogBundles: [\d_]+/, 'backlogBundles: 77'),
    expects: () => ({ ...NOTHING, stacks: ['observability'] }),
  },
  {
    title: 'a document',
    apply: ({ edit }) => edit('docs/architecture.md', /^/, 'A sentence.\n\n'),
    // Only the tests that check documents read them.
    expects: () => ({ ...NOTHING, tests: ['e2e:smoke', 'e2e:test'] }),
  },
  {
    title: 'a new function, by the generator',
    apply: ({ run }) =>
      run(
        'nx',
        'g',
        '@data-aggregator/lambda-plugin:lambda',
        SAMPLE,
        '--trigger=schedule',
        '--no-interactive',
      ),
    expects: () => ({ ...reaching([SAMPLE]), stacks: ['observability'] }),
  },
];

/** A change that reaches only these functions. */
function reaching(names: string[]): Expectation {
  return { ...NOTHING, functions: names, artifacts: names, deploys: names };
}
