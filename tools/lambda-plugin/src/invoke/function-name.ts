import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { UsageError } from '../commands/command.ts';

interface Template {
  Resources?: Record<string, { Type: string; Properties?: { FunctionName?: unknown } }>;
}

/**
 * The physical name of a function, from the templates of an environment.
 *
 * @param assembly absolute folder of the environment's cloud assembly
 * @throws UsageError if the environment is not synthesised or has no such function
 */
export function physicalNameOf(name: string, assembly: string, workspaceRoot: string): string {
  const shown = relative(workspaceRoot, assembly);
  if (!existsSync(assembly))
    throw new UsageError(`There is no ${shown}. Run "npx nx run infra:synth" first.`);
  const found = readdirSync(assembly)
    .filter((file) => file.endsWith('.template.json'))
    .flatMap((file) => functionNames(JSON.parse(readFileSync(join(assembly, file), 'utf8')) as Template))
    .find((physical) => physical.endsWith(`-${name}`));
  if (found === undefined) throw new UsageError(`The templates in ${shown} have no function "${name}".`);
  return found;
}

function functionNames({ Resources = {} }: Template): string[] {
  return Object.values(Resources).flatMap(({ Type, Properties }) =>
    Type === 'AWS::Lambda::Function' && typeof Properties?.FunctionName === 'string'
      ? [Properties.FunctionName]
      : [],
  );
}
