import { readdirSync } from 'node:fs';
import { Failure } from '../failure.ts';
import type { Environment } from './environment.ts';

const NOT_AN_ENVIRONMENT = new Set(['defaults.ts', 'environment.ts', 'load.ts']);

/** Names of the environments: the files of this folder, so that adding one adds an environment. */
export function environmentNames(): string[] {
  return readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && !NOT_AN_ENVIRONMENT.has(file))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
}

/**
 * An environment with some settings in place of its own, for trying what would be if.
 *
 * @param json an object whose names are those of an environment
 * @throws Failure for what is no such object
 */
export function withSettings(environment: Environment, json: string): Environment {
  let settings: unknown;
  try {
    settings = JSON.parse(json);
  } catch (cause) {
    throw new Failure(`Settings are JSON: ${(cause as Error).message}.`, { cause });
  }
  if (typeof settings !== 'object' || settings === null) throw new Failure('Settings are a JSON object.');
  const unknown = Object.keys(settings).find((name) => name === 'name' || !(name in environment));
  if (unknown !== undefined) throw new Failure(`"${unknown}" is no setting of an environment.`);
  return { ...environment, ...settings };
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
