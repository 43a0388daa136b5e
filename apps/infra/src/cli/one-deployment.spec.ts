import { leftToOthers } from './one-deployment.ts';

describe('a deployment in an Nx run with others', () => {
  it.each([
    ['infra', { function: 'aggregator' }, 'infra:deploy deploys aggregator to dev'],
    ['functions', {}, 'only functions changed, and each deploys itself to dev'],
    ['functions', { component: 'application' }, 'only functions changed'],
  ])('where %s deploys, %j is left to it', (deployedBy, selection, sentence) => {
    expect(leftToOthers(selection, 'dev', deployedBy)).toContain(sentence);
  });

  it.each([
    ['infra', {}],
    ['functions', { function: 'aggregator' }],
    [undefined, {}],
    [undefined, { function: 'aggregator' }],
  ])('where %s deploys, %j is done', (deployedBy, selection) => {
    expect(leftToOthers(selection, 'dev', deployedBy)).toBeUndefined();
  });
});
