import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ARTIFACT_FOLDER, parseFunctionManifest } from '@data-aggregator/function-manifest';
import type { BuildResult, Metafile, Plugin } from 'esbuild';
import { budgetError } from './budget.ts';

/**
 * Writes the output of esbuild for a function if it is within the size budget of its `function.json`:
 *
 *     dist/function/index.mjs   the artifact, alone in its folder, because CDK deploys and hashes the folder
 *     dist/index.mjs.map        its source map, for `trace`
 *     dist/meta.json            its composition (written by @nx/esbuild)
 */
export const artifact: Plugin = {
  name: 'lambda-artifact',
  setup({ initialOptions: { absWorkingDir = process.cwd(), entryPoints }, onEnd }) {
    const entry = Array.isArray(entryPoints) ? entryPoints[0] : undefined;
    if (typeof entry !== 'string') {
      throw new Error('A function must have one entry point, src/handler.ts.');
    }
    const root = join(absWorkingDir, dirname(dirname(entry)));
    onEnd(async (result) => {
      if (result.errors.length > 0) return {};
      const text = overBudget(root, result);
      if (text !== undefined) return { errors: [{ text }] };
      await place(root, result);
      return {};
    });
  },
};

function overBudget(root: string, { metafile }: BuildResult): string | undefined {
  if (metafile === undefined) throw new Error('The size budget needs a metafile.');
  const file = join(root, 'function.json');
  const { name, sizeBudgetKb } = parseFunctionManifest(readFileSync(file, 'utf8'), file);
  return budgetError({ name, sizeBudgetKb, metafile, before: previousMetafile(root) });
}

function previousMetafile(root: string): Metafile | undefined {
  const file = join(root, 'dist/meta.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Metafile) : undefined;
}

async function place(root: string, { outputFiles = [] }: BuildResult): Promise<void> {
  const code = outputFiles.find(({ path }) => path.endsWith('.mjs'));
  const map = outputFiles.find(({ path }) => path.endsWith('.mjs.map'));
  if (code === undefined || map === undefined) {
    throw new Error('The build must produce one .mjs file and its source map.');
  }
  const folder = join(root, ARTIFACT_FOLDER);
  const fresh = `${folder}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  await writeFile(join(fresh, 'index.mjs'), code.contents);
  await writeFile(join(root, 'dist/index.mjs.map'), map.contents);
  await rm(folder, { recursive: true, force: true });
  await rename(fresh, folder);
}
