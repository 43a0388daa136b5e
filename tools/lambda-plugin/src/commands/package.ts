import { reportUncaught, stdout } from '@data-aggregator/terminal';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { zipOf } from '../build/zip.ts';
import { functionNamed, WORKSPACE_ROOT, runCommand, UsageError } from './command.ts';

reportUncaught();

// node tools/lambda-plugin/src/commands/package.ts <function>: writes dist/<function>.zip for deployers other than CDK.
await runCommand(async () => {
  const [name = ''] = process.argv.slice(2);
  const { artifact, root } = functionNamed(name);
  const code = join(artifact, 'index.mjs');
  if (!existsSync(code)) throw new UsageError(`${name} is not built. Run "npx nx build ${name}" first.`);
  const zip = join(root, `dist/${name}.zip`);
  await writeFile(zip, await zipOf('index.mjs', await readFile(code)));
  stdout.write(`${relative(WORKSPACE_ROOT, zip)}\n`);
});
