import { DependencyType, type ProjectGraph } from '@nx/devkit';
import { snapshot, workspaceTree, writeManifest } from '../../testing/workspace-tree.ts';
import lambda from '../lambda/lambda.ts';
import removeLambda from './remove-lambda.ts';

/** A project graph in which these projects depend on the thumbnailer. */
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
  it('leaves the tree byte for byte as it was before the function was added', async () => {
    const { tree, before } = withThumbnailer();
    expect(snapshot(tree)).not.toEqual(before);
    await removeLambda(tree, { name: 'thumbnailer' }, graph('infra'));
    expect(snapshot(tree)).toEqual(before);
  });

  it('keeps functions that were added later', async () => {
    const { tree } = withThumbnailer();
    lambda(tree, { name: 'sweeper', trigger: 'schedule' });
    await removeLambda(tree, { name: 'thumbnailer' }, graph('infra'));
    expect(tree.exists('apps/sweeper/function.json')).toBe(true);
    expect(tree.read('tsconfig.json', 'utf8')).toContain('./apps/sweeper');
    expect(tree.read('tsconfig.json', 'utf8')).not.toContain('./apps/thumbnailer');
  });

  it.each<[string, () => Parameters<typeof removeLambda>, string]>([
    [
      'there is no such function',
      () => [withThumbnailer().tree, { name: 'nobody' }, graph()],
      'only aggregator, thumbnailer.',
    ],
    [
      'a project depends on it',
      () => [withThumbnailer().tree, { name: 'thumbnailer' }, graph('e2e')],
      'used by e2e',
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
      'thumbnailer cannot be removed: remove its settings from apps/infra/src/environments/dev.ts first.',
    ],
    [
      'another function uses its queue',
      () => {
        const { tree } = withThumbnailer('sqs');
        const environment = { Q: '${queue.url:thumbnailer}' };
        writeManifest(tree, { name: 'aggregator', trigger: { type: 'request' }, environment });
        return [tree, { name: 'thumbnailer', force: true }, graph()];
      },
      'its queue is used in the function.json of aggregator',
    ],
  ])('refuses if %s, and removes nothing', async (_, arrange, sentence) => {
    const [tree, options, known] = arrange();
    const before = snapshot(tree);
    await expect(removeLambda(tree, options, known)).rejects.toThrow(sentence);
    expect(snapshot(tree)).toEqual(before);
  });

  it('removes a function with a queue if --force is given', async () => {
    const { tree, before } = withThumbnailer('sqs');
    await removeLambda(tree, { name: 'thumbnailer', force: true }, graph('infra'));
    expect(snapshot(tree)).toEqual(before);
  });
});
