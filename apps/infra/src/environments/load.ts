import { readdirSync } from 'node:fs';
import { Failure } from '../failure.ts';
import type { Environment } from './environment.ts';

const NOT_AN_ENVIRONMENT = new Set(['environment.ts', 'load.ts']);

/** Names of the environments: the files of this folder, so that adding one adds an environment. */
export function environmentNames(): string[] {
  return readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && !NOT_AN_ENVIRONMENT.has(file))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
}

/**
 * One environment's settings.
 *
 * @throws Failure where there is no such environment, or its file does not say what its name says
 */
export async function loadEnvironment(name: string): Promise<Environment> {
  const names = environmentNames();
  if (!names.includes(name)) {
    throw new Failure(`There is no environment "${name}"; there are ${names.join(', ')}.`);
  }
  const { environment } = (await import(`./${name}.ts`)) as { environment: Environment };
  if (environment.name !== name || !/^[a-z][a-z0-9]{0,7}$/.test(name)) {
    throw new Failure(
      `environments/${name}.ts names its environment "${environment.name}": it must be the file's name, ` +
        'lower-case letters and digits, at most 8 of them.',
    );
  }
  return environment;
}
