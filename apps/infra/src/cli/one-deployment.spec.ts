import { leftToOthers } from './one-deployment.ts';

describe('a deployment in an Nx run with others', () => {
  it.each([
    ['infra', { function: 'aggregator' }, 'infra:deploy deploys aggregator to dev'],
    ['functions', {}, 'only functions changed, and each deploys itself to dev'],
    ['functions', { component: 'application' }, 'only functions changed'],
  ])('is left to %s, if that deploys, with %j', (deployedBy, selection, sentence) => {
    expect(leftToOthers(selection, 'dev', deployedBy)).toContain(sentence);
  });

  it.each([
    ['infra', {}],
    ['functions', { function: 'aggregator' }],
    [undefined, {}],
    [undefined, { function: 'aggregator' }],
  ])('runs with DEPLOYED_BY=%s and %j', (deployedBy, selection) => {
    expect(leftToOthers(selection, 'dev', deployedBy)).toBeUndefined();
  });
});
