import type { FunctionManifest } from '@data-aggregator/function-manifest';
import type { Environment } from '../environments/environment.ts';
import { UserError } from '../user-error.ts';
import { bucketName, deadLettersName, queueName, queueUrl, tableName } from '../conventions/names.ts';

/** The value of each placeholder; `fn` is the function that it refers to. */
const values = new Map<string, (environment: Environment, fn: string) => string>([
  ['landing.name', ({ name }) => bucketName(name, 'landing')],
  ['distribution.name', ({ name }) => bucketName(name, 'distribution')],
  ['archive.name', ({ name }) => bucketName(name, 'archive')],
  ['ledger.name', ({ name }) => tableName(name)],
  ['queue.url', ({ name }, fn) => queueUrl(queueName(name, fn))],
  ['dead-letters.url', ({ name }, fn) => queueUrl(deadLettersName(name, fn))],
  ['claims.retention-days', ({ retention }) => String(retention.claimDays)],
]);

/** Placeholders that can name another function, as in `${queue.url:aggregator}`. */
const OF_A_FUNCTION = new Set(['queue.url', 'dead-letters.url']);

/**
 * A function's environment variables with their placeholders replaced.
 *
 * @param queueFunctions names of the functions that have a queue
 * @throws UserError for an unknown placeholder, or one that names a function without a queue
 */
export function environmentVariables(
  environment: Environment,
  manifest: FunctionManifest,
  queueFunctions: ReadonlySet<string>,
): Record<string, string> {
  const resolve = (variable: string, placeholder: string): string => {
    const [kind = '', of, ...rest] = placeholder.split(':');
    const value = values.get(kind);
    const fail = (why: string) =>
      new UserError(
        `function.json of ${manifest.name}: ${variable} has the placeholder \${${placeholder}}: ${why}.`,
      );
    if (value === undefined || rest.length > 0 || (of !== undefined && !OF_A_FUNCTION.has(kind))) {
      throw fail(`valid placeholders are ${[...values.keys()].join(', ')}`);
    }
    const fn = of ?? manifest.name;
    if (OF_A_FUNCTION.has(kind) && !queueFunctions.has(fn)) throw fail(`${fn} has no queue`);
    return value(environment, fn);
  };
  return Object.fromEntries(
    Object.entries(manifest.environment).map(([variable, text]) => [
      variable,
      text.replaceAll(/\$\{([^}]*)\}/g, (_match, placeholder: string) => resolve(variable, placeholder)),
    ]),
  );
}
