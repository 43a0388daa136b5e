import { DependencyType, type ProjectGraph } from '@nx/devkit';
import { snapshot } from '../../testing/changes.ts';
import { workspaceTree, writeManifest } from '../../testing/workspace-tree.ts';
import lambda from '../lambda/lambda.ts';
import removeLambda from './remove-lambda.ts';

/** A graph in which these projects depend on the thumbnailer. */
function graph(...dependents: string[]): ProjectGraph {
  const edge = (source: string) => ({ source, target: 'thumbnailer', type: DependencyType.implicit });
  return {
    nodes: {},
    dependencies: Object.fromEntries(dependents.map((source) => [source, [edge(source)]])),
  };
}

function withThumbnailer(trigger: 'request' | 'sqs' = 'request') {
  const tree = workspaceTree();
  const before = snapshot(tree);
  lambda(tree, { name: 'thumbnailer', trigger });
  return { tree, before };
}

describe('the remove-lambda generator', () => {
  it('leaves the tree as it was before the function came, to the byte', async () => {
    const { tree, before } = withThumbnailer();
    expect(snapshot(tree)).not.toEqual(before);
    await removeLambda(tree, { name: 'thumbnailer' }, graph('infra'));
    expect(snapshot(tree)).toEqual(before);
  });

  it('leaves functions that came later', async () => {
    const { tree } = withThumbnailer();
    lambda(tree, { name: 'sweeper', trigger: 'schedule' });
    await removeLambda(tree, { name: 'thumbnailer' }, graph('infra'));
    expect(tree.exists('apps/sweeper/function.json')).toBe(true);
    expect(tree.read('tsconfig.json', 'utf8')).toContain('./apps/sweeper');
    expect(tree.read('tsconfig.json', 'utf8')).not.toContain('./apps/thumbnailer');
  });

  it.each<[string, () => Parameters<typeof removeLambda>, string]>([
    [
      'there is none',
      () => [withThumbnailer().tree, { name: 'nobody' }, graph()],
      'there are aggregator, thumbnailer.',
    ],
    [
      'it depends on it',
      () => [withThumbnailer().tree, { name: 'thumbnailer' }, graph('e2e')],
      'e2e depends on it',
    ],
    [
      'it has a queue',
      () => [withThumbnailer('sqs').tree, { name: 'thumbnailer' }, graph()],
      'thumbnailer has a queue',
    ],
    [
      'an environment has settings for it',
      () => {
        const { tree } = withThumbnailer();
        const text = 'export const environment = {\n  functions: { thumbnailer: { memoryMb: 1024 } },\n};\n';
        tree.write('apps/infra/src/environments/dev.ts', text);
        tree.write('apps/infra/src/environments/prod.ts', text.replace('thumbnailer', 'thumbnailer-two'));
        return [tree, { name: 'thumbnailer' }, graph()];
      },
      'thumbnailer cannot go: apps/infra/src/environments/dev.ts has settings for it.',
    ],
    [
      'another uses its queue',
      () => {
        const { tree } = withThumbnailer('sqs');
        const environment = { Q: '${queue.url:thumbnailer}' };
        writeManifest(tree, { name: 'aggregator', trigger: { type: 'request' }, environment });
        return [tree, { name: 'thumbnailer', force: true }, graph()];
      },
      'its queue is used in the function.json of aggregator',
    ],
  ])('refuses where %s, and removes nothing', async (_, arrange, sentence) => {
    const [tree, options, known] = arrange();
    const before = snapshot(tree);
    await expect(removeLambda(tree, options, known)).rejects.toThrow(sentence);
    expect(snapshot(tree)).toEqual(before);
  });

  it('removes a function with its queue when it is told to', async () => {
    const { tree, before } = withThumbnailer('sqs');
    await removeLambda(tree, { name: 'thumbnailer', force: true }, graph('infra'));
    expect(snapshot(tree)).toEqual(before);
  });
});
