import { reportUncaught, stdout } from '@data-aggregator/terminal';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { resolveStack } from '../build/resolve-stack.ts';
import { functionNamed, WORKSPACE_ROOT, runCommand, UsageError } from './command.ts';

reportUncaught();

// node tools/lambda-plugin/src/commands/trace.ts <function> [file]: prints a stack trace, or a log that contains
// some, with locations in the sources instead of index.mjs. Reads a file or standard input.
await runCommand(async () => {
  const [name = '', file] = process.argv.slice(2);
  const map = join(functionNamed(name).root, 'dist/index.mjs.map');
  if (!existsSync(map)) throw new UsageError(`${name} has no source map. Run "npx nx build ${name}" first.`);
  const stack = file === undefined ? await text(process.stdin) : await readStack(file);
  const sources = new SourceMap(JSON.parse(await readFile(map, 'utf8')));
  stdout.write(resolveStack(stack, sources, `apps/${name}/dist`));
});

async function readStack(file: string): Promise<string> {
  const path = resolve(WORKSPACE_ROOT, file);
  if (!existsSync(path)) throw new UsageError(`There is no file ${file}.`);
  return readFile(path, 'utf8');
}
