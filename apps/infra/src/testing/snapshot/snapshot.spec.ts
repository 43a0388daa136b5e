import { join } from 'node:path';
import { type FunctionManifestInput, loadFunctions } from '@data-aggregator/function-manifest';
import { WORKSPACE_ROOT } from '../../app/functions.ts';
import { synthesise } from '../../app/synthesise.ts';
import type { Environment } from '../../environments/environment.ts';
import { environmentNames, loadEnvironment } from '../../environments/load.ts';
import { fixtureFunction, fixtureWorkspace, plain } from '../fixture.ts';
import { differences } from './differences.ts';
import { renderBlock } from './render.ts';
import { type Block, simplify } from './simplify.ts';

// Each test synthesises whole environments with cdk-nag, which takes several seconds on a busy machine.
jest.setTimeout(120_000);

/** The environment whose snapshot is complete. */
const COMPLETE = 'prod';

// Snapshots are text as it is, without quotation marks.
expect.addSnapshotSerializer({ test: (value) => typeof value === 'string', serialize: String });

function blocks(environment: Environment, functions: FunctionManifestInput[]): Block[] {
  const workspace = fixtureWorkspace(functions);
  return simplify(synthesise(environment, workspace, join(workspace, 'out')));
}

describe('templates', () => {
  // The function.json files are real; the artifacts are not, so that nothing has to be built.
  const functions = loadFunctions(WORKSPACE_ROOT).map(({ manifest }) => manifest);

  it(`change only on purpose: ${COMPLETE}`, async () => {
    const stacks = Map.groupBy(blocks(await loadEnvironment(COMPLETE), functions), ({ stack }) => stack);
    for (const [stack, parts] of stacks) {
      expect(parts.map(renderBlock).join('\n\n')).toMatchSnapshot(stack);
    }
  });

  it.each(environmentNames().filter((name) => name !== COMPLETE))(
    `differ from ${COMPLETE} only on purpose: %s`,
    async (name) => {
      const complete = blocks(await loadEnvironment(COMPLETE), functions);
      // Under the same name, so that names are no difference.
      const other = blocks({ ...(await loadEnvironment(name)), name: COMPLETE }, functions);
      expect(differences(complete, other)).toMatchSnapshot();
    },
  );
});

describe('the form of the snapshot', () => {
  const reading = fixtureFunction({ access: [{ resource: 'landing', may: ['read'] }] });

  it('shows a permission on one line', () => {
    const role = blocks(plain, [reading]).find(
      ({ stack, title }) => stack === 'application-aggregator' && title === 'Role (AWS::IAM::Role)',
    );
    expect(role && renderBlock(role)).toContain(
      '- {Allow: s3:GetObject, on: arn:<Partition>:s3:::data-aggregator-dev-landing-<AccountId>-<Region>/*}',
    );
  });

  it('shows a permission that is added to a function.json, and nothing else', () => {
    const listing = fixtureFunction({ access: [{ resource: 'landing', may: ['read', 'list'] }] });
    expect(differences(blocks(plain, [reading]), blocks(plain, [listing]))).toBe(
      [
        'application-aggregator/Role (AWS::IAM::Role)',
        '  + Policies[0].PolicyDocument[2]: {Allow: s3:ListBucket, on: arn:<Partition>:s3:::data-aggregator-dev-landing-<AccountId>-<Region>}',
      ].join('\n'),
    );
  });

  it('contains no hash of an artifact or of a construct', () => {
    const text = blocks(plain, [reading]).map(renderBlock).join('\n');
    expect(text).toContain('<hash>');
    expect(text).not.toMatch(/[0-9a-f]{32}|[A-Za-z][0-9A-F]{8}\b/);
  });
});

describe('differences', () => {
  const block = (content: Block['content'], title = 'A (T)'): Block => ({ stack: 's', title, content });

  it.each([
    ['nothing', { a: { b: 1 } }, { a: { b: 1 } }, ''],
    ['a changed value', { a: { b: 1 } }, { a: { b: 2 } }, 's/A (T)\n  a.b: 1 → 2'],
    ['a new value', {}, { a: 1 }, 's/A (T)\n  + a: 1'],
    ['a missing value', { a: 1 }, {}, 's/A (T)\n  - a: 1'],
    ['an item in the middle', { a: [1, 3] }, { a: [1, 2, 3] }, 's/A (T)\n  + a[1]: 2'],
    ['an item less', { a: [1, 2, 3] }, { a: [1, 3] }, 's/A (T)\n  - a[1]: 2'],
    ['an order', { a: [1, 2] }, { a: [2, 1] }, 's/A (T)\n  a[0]: 1 → 2\n  a[1]: 2 → 1'],
  ])('show %s', (_what, from, to, expected) => {
    expect(differences([block(from)], [block(to)])).toBe(expected);
  });

  it('show a resource that only one side has', () => {
    expect(differences([block({ a: 1 }, 'Old (T)')], [block({ a: 1 }, 'New (T)')])).toBe(
      '+ s/New (T)\n  a: 1\n- s/Old (T)',
    );
  });
});
