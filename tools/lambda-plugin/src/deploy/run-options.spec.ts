import { deployRun } from './run-options.ts';

const read = (line: string, env: NodeJS.ProcessEnv = {}) => deployRun(line.split(' '), env);
const nothing = { base: undefined, head: undefined, files: undefined, uncommitted: false, untracked: false };

describe('a command line of Nx', () => {
  it.each([
    'affected -t deploy --configuration=dev',
    'affected --target=deploy -c dev',
    'affected --targets=build,deploy',
    'affected -t build deploy',
    'affected -t deploy -c=prod',
    'affected -t=deploy --parallel=3 -- --confirm',
  ])('deploys what is affected: %s', (line) => {
    expect(read(line)).toEqual({ kind: 'affected', selection: nothing });
  });

  it.each([
    ['affected -t deploy --base=main~1 --head=main', { base: 'main~1', head: 'main' }],
    ['affected -t deploy --base main~1', { base: 'main~1' }],
    ['affected -t deploy --files=a.ts,b.ts', { files: ['a.ts', 'b.ts'] }],
    ['affected -t deploy --uncommitted', { uncommitted: true }],
    ['affected -t deploy --untracked', { untracked: true }],
  ])('selects what to compare: %s', (line, selection) => {
    expect(read(line)).toEqual({ kind: 'affected', selection: { ...nothing, ...selection } });
  });

  it('takes the comparison from the environment if it has none itself', () => {
    const env = { NX_BASE: 'abc', NX_HEAD: 'def' };
    expect(read('affected -t deploy', env)).toMatchObject({ selection: { base: 'abc', head: 'def' } });
    expect(read('affected -t deploy --base=x', env)).toMatchObject({ selection: { base: 'x', head: 'def' } });
  });

  it.each(['run-many -t deploy', 'affected -t deploy --all'])('deploys everything: %s', (line) => {
    expect(read(line)).toEqual({ kind: 'all' });
  });

  it.each([
    'run aggregator:deploy --configuration=dev',
    'deploy aggregator',
    'run infra:deploy --configuration=dev',
    'affected -t build test',
    'affected -t build -- deploy',
    'affected -t deploy --exclude=infra',
    'run-many -t deploy -p aggregator,reconciler',
    'run-many -t deploy --projects=aggregator',
  ])('has no common deployer: %s', (line) => {
    expect(read(line)).toEqual({ kind: 'other' });
  });
});
