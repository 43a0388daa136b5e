import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../testing/scratch-workspace.ts';
import { createNodesV2, functionNode } from './function-nodes.ts';

const manifest = { name: 'thumbnailer', description: 'Makes thumbnails.', trigger: { type: 'request' } };

function write(workspace: string, contents: object, folder = 'thumbnailer') {
  mkdirSync(join(workspace, 'apps', folder), { recursive: true });
  writeFileSync(join(workspace, 'apps', folder, 'function.json'), JSON.stringify(contents));
}

describe('a folder with a function.json', () => {
  it('becomes a project with its name and the tag and targets of a function', () => {
    using workspace = temporaryFolder();
    write(workspace.path, manifest);
    const project = functionNode('apps/thumbnailer/function.json', workspace.path).projects?.[
      'apps/thumbnailer'
    ];
    expect(project).toMatchObject({
      name: 'thumbnailer',
      projectType: 'application',
      sourceRoot: 'apps/thumbnailer/src',
      tags: ['type:function'],
      metadata: { description: 'Makes thumbnails.' },
    });
    expect(Object.keys(project?.targets ?? {}).sort()).toEqual([
      'build',
      'deploy',
      'dev',
      'invoke',
      'package',
      'trace',
    ]);
  });

  it("has a deploy configuration for each of infra's", () => {
    using workspace = temporaryFolder();
    write(workspace.path, manifest);
    mkdirSync(join(workspace.path, 'apps/infra'));
    const infra = { targets: { deploy: { configurations: { dev: {}, prod: {} } } } };
    writeFileSync(join(workspace.path, 'apps/infra/project.json'), JSON.stringify(infra));
    const { projects } = functionNode('apps/thumbnailer/function.json', workspace.path);
    expect(projects?.['apps/thumbnailer']?.targets?.['deploy']).toMatchObject({
      parallelism: false,
      configurations: {
        dev: { command: expect.stringContaining('--function=thumbnailer --env=dev') as unknown },
        prod: { command: expect.stringContaining('--function=thumbnailer --env=prod') as unknown },
      },
    });
  });

  it('matches the glob of the plugin', async () => {
    using workspace = temporaryFolder();
    write(workspace.path, manifest);
    const [glob, createNodes] = createNodesV2;
    const context = { workspaceRoot: workspace.path, nxJsonConfiguration: {} };
    const results = await createNodes(['apps/thumbnailer/function.json'], undefined, context);
    expect(glob).toBe('apps/*/function.json');
    expect(results.map(([, { projects }]) => Object.keys(projects ?? {}))).toEqual([['apps/thumbnailer']]);
  });

  it.each([
    [
      'names another function',
      { ...manifest, name: 'other' },
      'the name "other" differs from the folder\'s, "thumbnailer"',
    ],
    [
      'has an unknown trigger',
      { ...manifest, trigger: { type: 'fax' } },
      'apps/thumbnailer/function.json: trigger',
    ],
    ['has a misspelt setting', { ...manifest, memory: 512 }, 'apps/thumbnailer/function.json: memory'],
  ])('is refused if it %s', (_reason, contents, message) => {
    using workspace = temporaryFolder();
    write(workspace.path, contents);
    expect(() => functionNode('apps/thumbnailer/function.json', workspace.path)).toThrow(message);
  });
});
