import { workflowProblems } from './workflow-rules.ts';

const PIN = 'de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2';

const compliant = `
on: push
permissions: {}
jobs:
  build:
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@${PIN}
        with:
          persist-credentials: false
      - run: npm ci
      - run: npm test
  deploy:
    needs: build
    permissions:
      contents: read
      id-token: write
    steps:
      - run: npm ci --ignore-scripts
      - uses: aws-actions/configure-aws-credentials@${PIN}
      - run: node node_modules/aws-cdk/bin/cdk deploy --all --app=assembly --require-approval=never
`;

describe('a workflow', () => {
  it('complies if it builds without credentials, and only deploys with them', () => {
    expect(workflowProblems(compliant)).toEqual([]);
  });

  it.each([
    ['a tag, which can be moved', PIN, 'v6.0.2', /checkout@v6\.0\.2: pin the action by commit/],
    ['a commit without its version', ' # v6.0.2', '', /pin the action by commit/],
    ['rights for all jobs', 'permissions: {}', 'permissions: { contents: read }', /must be \{\}/],
    ['the rights that a token has by default', 'permissions: {}\n', '', /must be \{\}/],
    [
      'a job that may change the repository',
      'contents: read',
      'contents: write',
      /build: it must not have write permission for contents/,
    ],
    [
      'a job with the default rights',
      '    permissions:\n      contents: read\n    steps',
      '    steps',
      /build: a job must declare its permissions/,
    ],
    [
      'credentials and comments in one job',
      'id-token: write',
      'id-token: write\n      pull-requests: write',
      /must not have write permission for id-token, pull-requests/,
    ],
    [
      'install scripts near credentials',
      ' --ignore-scripts',
      '',
      /deploy: "npm ci" must not run in a job with AWS credentials/,
    ],
    ['tests near credentials', 'node node_modules', 'npm test && node node_modules', /"npm test && node/],
    [
      'a second command near credentials',
      '=never',
      '=never\n      - run: npx nx build',
      /"npx nx build" must not run/,
    ],
    [
      'more on the line of the CDK CLI',
      '=never',
      '=never; curl x',
      /curl x" must not run in a job with AWS credentials/,
    ],
    [
      'an app that is synthesised there',
      '--app=assembly',
      '--app=apps/infra',
      /must not run in a job with AWS credentials/,
    ],
    [
      'a cache near credentials',
      `credentials@${PIN}`,
      `credentials@${PIN}\n        with:\n          cache: npm`,
      /deploy: a job with AWS credentials must not read a cache/,
    ],
    [
      'credentials in a job of packages',
      'id-token: write',
      'actions: read',
      /deploy: it requests AWS credentials/,
    ],
    [
      'a checkout that keeps its token',
      'persist-credentials: false',
      'fetch-depth: 0',
      /must not keep its token/,
    ],
    [
      'a value pasted into a script',
      'npm test',
      'echo ${{ github.head_ref }}',
      /inserts a value into a script/,
    ],
  ])('must not have %s', (_what, from, to, problem) => {
    expect(compliant).toContain(from);
    expect(workflowProblems(compliant.replace(from, to)).join('\n')).toMatch(problem);
  });

  it('installs packages before it gets credentials', () => {
    const swapped = compliant
      .replace('      - run: npm ci --ignore-scripts\n', '')
      .replace('=never\n', '=never\n      - run: npm ci --ignore-scripts\n');
    expect(workflowProblems(swapped)).toEqual([
      'deploy: packages must be installed before it gets credentials',
    ]);
  });
});
