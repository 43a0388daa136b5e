import * as v from 'valibot';

/** Environment variables are missing or invalid. The message names each one, its value and the expected value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** The schema of a variable: it accepts text, and its first message describes the expected value. */
export type Variable = v.GenericSchema<string, unknown> | v.GenericSchema<string | undefined, unknown>;

/** The variables that a function reads, by name. */
export type Variables = Record<string, Variable>;

/** The parsed values of the variables, by name. */
export type Config<T extends Variables> = { readonly [name in keyof T]: v.InferOutput<T[name]> };

/** Names of variables that may contain secrets: their values do not appear in messages. */
const SECRET = /SECRET|TOKEN|PASSWORD|PASSPHRASE|CREDENTIAL|PRIVATE|(^|_)KEY$/i;

/** Maximum length of a value in a message, in characters. */
const MAX_VALUE_LENGTH = 80;

/**
 * Reads a function's configuration from its environment. An empty variable counts as not set; other variables are ignored.
 *
 * @param env `process.env`
 * @throws ConfigError once, for everything missing or invalid
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
  // Each value is the output of the schema with the same name; the compiler cannot infer that from the loop.
  return values as Config<T>;
}

function describe(name: string, text: string | undefined): string {
  if (text === undefined) return `${name} is not set`;
  if (SECRET.test(name)) return `${name} has a value that is not shown`;
  return `${name} is ${JSON.stringify(shorten(withoutUserInfo(text)))}`;
}

/** A URL may contain a user name and password before its host. */
function withoutUserInfo(text: string): string {
  return text.replace(/\/\/[^/?#]*@/g, '//…@');
}

function shorten(text: string): string {
  return text.length <= MAX_VALUE_LENGTH ? text : `${text.slice(0, MAX_VALUE_LENGTH).toWellFormed()}…`;
}
