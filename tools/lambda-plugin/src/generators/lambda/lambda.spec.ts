import { parseFunctionManifest } from '@data-aggregator/function-manifest';
import { parseNotification } from '@data-aggregator/shared-processing/s3-event';
import { logger } from '@nx/devkit';
import { snapshot, workspaceTree } from '../../testing/workspace-tree.ts';
import lambda from './lambda.ts';
import type { LambdaOptions, TriggerType } from './options.ts';

const thumbnailer: LambdaOptions = { name: 'thumbnailer', trigger: 's3-sqs' };
const triggers: TriggerType[] = ['s3-sqs', 'sqs', 'schedule', 'event-bridge', 'function-url', 'request'];

beforeEach(() => {
  jest.spyOn(logger, 'info').mockImplementation(() => undefined);
});
afterEach(() => jest.restoreAllMocks());

describe('the lambda generator', () => {
  it.each(triggers)('writes a function with the trigger %s, its spec and its sample event', (trigger) => {
    const tree = workspaceTree();
    lambda(tree, { name: 'thumbnailer', trigger });
    const files = Object.keys(snapshot(tree, 'apps/thumbnailer')).map((file) =>
      file.slice('apps/thumbnailer/'.length),
    );
    expect(files).toEqual(
      expect.arrayContaining([
        'README.md',
        'events/sample.json',
        'function.json',
        'jest.config.cjs',
        'project.json',
        'src/handler.ts',
        'src/work.ts',
        'tsconfig.json',
      ]),
    );
    expect(files.filter((file) => file.endsWith('.spec.ts'))).not.toEqual([]);
    const text = tree.read('apps/thumbnailer/function.json', 'utf8') ?? '';
    expect(parseFunctionManifest(text, 'function.json')).toMatchObject({
      name: 'thumbnailer',
      trigger: { type: trigger },
    });
  });

  it.each<[LambdaOptions['notifiedBy'], string]>([
    [undefined, '{"Records":[{"eventVersion"'],
    ['sns', '{"Type":"Notification"'],
    ['event-bridge', '{"version":"0","id"'],
  ])('writes a sample event about landing, notified by %s', (notifiedBy, start) => {
    const tree = workspaceTree();
    lambda(tree, { ...thumbnailer, ...(notifiedBy !== undefined && { notifiedBy }) });
    const sample = tree.read('apps/thumbnailer/events/sample.json', 'utf8') ?? '';
    const [record] = (JSON.parse(sample) as { Records: { body: string }[] }).Records;
    expect(record?.body.slice(0, start.length)).toBe(start);
    expect(parseNotification(record?.body ?? '')).toMatchObject({
      records: [{ kind: 'landed', landed: { bucket: 'landing', key: 'sample file.txt' } }],
    });
  });

  it.each(triggers)('leaves no template syntax behind, with the trigger %s', (trigger) => {
    const tree = workspaceTree();
    lambda(tree, { name: 'thumbnailer', trigger });
    for (const [file, text] of Object.entries(snapshot(tree, 'apps/thumbnailer'))) {
      expect(`${file}: ${text}`).not.toMatch(/<%|%>|\.template/);
    }
  });

  it('edits only the references in the root tsconfig.json', () => {
    const tree = workspaceTree();
    const before = snapshot(tree);
    lambda(tree, thumbnailer);
    const after = snapshot(tree);
    const edited = Object.keys(before).filter((file) => after[file] !== before[file]);
    expect(edited).toEqual(['tsconfig.json']);
    expect(JSON.parse(after['tsconfig.json'] ?? '').references).toEqual([
      { path: './apps/infra' },
      { path: './apps/thumbnailer' },
    ]);
    expect(
      Object.keys(after).filter((file) => !(file in before) && !file.startsWith('apps/thumbnailer/')),
    ).toEqual([]);
  });

  it('changes nothing when it runs again', () => {
    const tree = workspaceTree();
    lambda(tree, thumbnailer);
    const before = snapshot(tree);
    lambda(tree, thumbnailer);
    expect(snapshot(tree)).toEqual(before);
  });

  it('keeps files that were edited, added or deleted in between', () => {
    const tree = workspaceTree();
    lambda(tree, thumbnailer);
    tree.write('apps/thumbnailer/src/work.ts', '// mine\n');
    tree.write('apps/thumbnailer/src/more.ts', '// mine too\n');
    tree.write(
      'apps/thumbnailer/function.json',
      (tree.read('apps/thumbnailer/function.json', 'utf8') ?? '').replace('512', '768'),
    );
    tree.delete('apps/thumbnailer/README.md');
    const before = snapshot(tree);
    lambda(tree, thumbnailer);
    expect(snapshot(tree)).toEqual(before);
  });

  it.each<[string, LambdaOptions, string]>([
    [
      'another trigger',
      { ...thumbnailer, trigger: 'sqs' },
      'thumbnailer already exists with the trigger s3-sqs',
    ],
    ['the name of a project', { ...thumbnailer, name: 'infra' }, 'The name "infra" is taken by apps/infra.'],
    [
      'the name of a used folder',
      { ...thumbnailer, name: 'notes' },
      'The name "notes" is taken by apps/notes.',
    ],
    ['a bad name', { ...thumbnailer, name: 'Bad Name' }, 'name: '],
  ])('refuses %s before it writes anything', (_, options, sentence) => {
    const tree = workspaceTree();
    lambda(tree, thumbnailer);
    tree.write('apps/notes/todo.txt', 'x');
    const before = snapshot(tree);
    expect(() => lambda(tree, options)).toThrow(sentence);
    expect(snapshot(tree)).toEqual(before);
  });

  it('accepts a folder that contains only an old build', () => {
    const tree = workspaceTree();
    tree.write('apps/thumbnailer/dist/function/index.mjs', '');
    lambda(tree, thumbnailer);
    expect(tree.exists('apps/thumbnailer/function.json')).toBe(true);
  });
});
