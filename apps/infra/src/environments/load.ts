import { readdirSync } from 'node:fs';
import { UserError } from '../user-error.ts';
import type { Environment } from './environment.ts';

const NOT_AN_ENVIRONMENT = new Set(['defaults.ts', 'environment.ts', 'load.ts']);

/** Names of the environments: each file of this folder is one, so that a new file adds an environment. */
export function environmentNames(): string[] {
  return readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && !NOT_AN_ENVIRONMENT.has(file))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
}

/**
 * An environment with some settings overridden, to see what they would change.
 *
 * @param json a JSON object with settings of an environment
 * @throws UserError if it is not a JSON object or contains an unknown setting
 */
export function withSettings(environment: Environment, json: string): Environment {
  let settings: unknown;
  try {
    settings = JSON.parse(json);
  } catch (cause) {
    throw new UserError(`Settings must be JSON: ${(cause as Error).message}.`, { cause });
  }
  if (typeof settings !== 'object' || settings === null)
    throw new UserError('Settings must be a JSON object.');
  const unknown = Object.keys(settings).find((name) => name === 'name' || !(name in environment));
  if (unknown !== undefined) throw new UserError(`"${unknown}" is not a setting of an environment.`);
  return { ...environment, ...settings };
}

/**
 * The settings of an environment.
 *
 * @throws UserError if there is no such environment, or its `name` differs from its file's name
 */
export async function loadEnvironment(name: string): Promise<Environment> {
  const names = environmentNames();
  if (!names.includes(name)) {
    throw new UserError(`There is no environment "${name}". Environments: ${names.join(', ')}.`);
  }
  const { environment } = (await import(`./${name}.ts`)) as { environment: Environment };
  if (environment.name !== name || !/^[a-z][a-z0-9]{0,7}$/.test(name)) {
    throw new UserError(
      `environments/${name}.ts names its environment "${environment.name}": the name must be that of the file, ` +
        'and consist of at most 8 lower-case letters and digits.',
    );
  }
  return environment;
}
