import * as v from 'valibot';

/** Environment variables that are missing or wrong. The message names each, its value and what is expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** What a variable may hold: a schema that takes text, and whose first message says what is expected of it. */
export type Variable = v.GenericSchema<string, unknown> | v.GenericSchema<string | undefined, unknown>;

/** The variables that a function reads, by their names. */
export type Variables = Record<string, Variable>;

/** The values of the variables, by the same names. */
export type Config<T extends Variables> = { readonly [name in keyof T]: v.InferOutput<T[name]> };

/** Variables so named may hold what no log should: their values are not repeated. */
const SECRET = /SECRET|TOKEN|PASSWORD|PASSPHRASE|CREDENTIAL|PRIVATE|(^|_)KEY$/i;

/** Enough of a value to recognise it by, in characters. */
const MAX_VALUE_LENGTH = 80;

/**
 * Reads a function's configuration from its environment. An empty variable counts as not set; variables that are not
 * asked for are not looked at.
 *
 * @param env `process.env`
 * @throws ConfigError once, for all that is missing or wrong
 */
export function readConfig<T extends Variables>(
  variables: T,
  env: Record<string, string | undefined>,
): Config<T> {
  const values: Record<string, unknown> = {};
  const mistakes: string[] = [];
  for (const [name, schema] of Object.entries(variables)) {
    const text = env[name] === '' ? undefined : env[name];
    const result = v.safeParse(schema, text, { abortEarly: true });
    if (result.success) values[name] = result.output;
    else mistakes.push(`${describe(name, text)}: expected ${result.issues[0].message}`);
  }
  if (mistakes.length > 0) throw new ConfigError(`the environment is wrong: ${mistakes.join('; ')}`);
  // Each name has been given the output of its own schema, which the compiler cannot follow through the loop.
  return values as Config<T>;
}

function describe(name: string, text: string | undefined): string {
  if (text === undefined) return `${name} is not set`;
  if (SECRET.test(name)) return `${name} has a value that is not shown`;
  return `${name} is ${JSON.stringify(shorten(withoutUserInfo(text)))}`;
}

/** A URL may carry a name and a password before its host. */
function withoutUserInfo(text: string): string {
  return text.replace(/\/\/[^/?#]*@/g, '//…@');
}

function shorten(text: string): string {
  return text.length <= MAX_VALUE_LENGTH ? text : `${text.slice(0, MAX_VALUE_LENGTH).toWellFormed()}…`;
}
