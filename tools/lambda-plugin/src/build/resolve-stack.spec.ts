import { mkdirSync, writeFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { temporaryFolder } from '../testing/scratch-workspace.ts';
import { resolveStack } from './resolve-stack.ts';

const source = [
  'export function outer() {',
  '  const inner = () => {',
  "    throw new Error('boom');",
  '  };',
  '  inner();',
  '}',
];

/** A minified module that throws from its third line, and its map. */
function built() {
  using folder = temporaryFolder();
  mkdirSync(join(folder.path, 'apps/demo/src'), { recursive: true });
  writeFileSync(join(folder.path, 'apps/demo/src/handler.ts'), source.join('\n'));
  const { outputFiles } = buildSync({
    absWorkingDir: folder.path,
    entryPoints: ['apps/demo/src/handler.ts'],
    outfile: 'apps/demo/dist/function/index.mjs',
    sourceRoot: 'function',
    format: 'esm',
    minify: true,
    sourcemap: 'external',
    write: false,
  });
  const [map, code] = ['.map', '.mjs'].map(
    (end) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '',
  );
  return { code: code ?? '', map: new SourceMap(JSON.parse(map ?? '')) };
}

describe('resolveStack', () => {
  const { code, map } = built();
  const column = code.indexOf('new Error') + 1;

  it('shows line and column of the source', () => {
    expect(resolveStack(`at e (file:///var/task/index.mjs:1:${column})`, map, 'apps/demo/dist')).toBe(
      'at e (apps/demo/src/handler.ts:3:11)',
    );
  });

  it('resolves a stack inside a JSON log line', () => {
    const line = JSON.stringify({ stack: `Error: boom\n    at file:///var/task/index.mjs:1:${column}` });
    expect(resolveStack(line, map, 'apps/demo/dist')).toBe(
      '{"stack":"Error: boom\\n    at apps/demo/src/handler.ts:3:11"}',
    );
  });

  it('keeps locations that the map does not contain', () => {
    const stack = 'at node:internal/process/task_queues:95:5\nat /opt/other.mjs:1:1';
    expect(resolveStack(stack, map, 'apps/demo/dist')).toBe(stack);
  });
});
