import { createDependencies } from './infra-edges.ts';

type Projects = Parameters<typeof createDependencies>[1]['projects'];

const functions: Projects = {
  aggregator: { name: 'aggregator', root: 'apps/aggregator', tags: ['type:function'] },
  reconciler: { name: 'reconciler', root: 'apps/reconciler', tags: ['type:function'] },
  'shared-processing': { name: 'shared-processing', root: 'libs/shared-processing', tags: ['type:lib'] },
};

function edges(projects: Projects) {
  return createDependencies(undefined, { projects } as Parameters<typeof createDependencies>[1]);
}

describe('edges from infra', () => {
  it('lead to every function and nothing else', async () => {
    expect(
      await edges({ ...functions, infra: { name: 'infra', root: 'apps/infra', tags: ['type:infra'] } }),
    ).toEqual([
      { source: 'infra', target: 'aggregator', type: 'implicit' },
      { source: 'infra', target: 'reconciler', type: 'implicit' },
    ]);
  });

  it('do not exist without infra', async () => {
    expect(await edges(functions)).toEqual([]);
  });
});
