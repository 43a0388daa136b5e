import { CallError, isWithoutCredentials } from '@data-aggregator/shared-processing/errors';
import { ManifestError } from '@data-aggregator/shared-processing/manifest';
import { exit, OpsError } from '@data-aggregator/operations/errors';
import type { Failure, FailureKind } from '../api.ts';

/** An error that the user can correct. */
export class ConsoleError extends Error {
  override readonly name = 'ConsoleError';
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

export const STATUS = {
  'no-token': 401,
  forbidden: 403,
  'read-only': 403,
  'not-found': 404,
  invalid: 400,
  'stale-confirmation': 409,
  busy: 429,
  aws: 502,
  internal: 500,
} as const satisfies Record<FailureKind, number>;

/** What to answer for an error. Messages of unexpected errors stay in the console's own log. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ConsoleError) return { error: error.kind, message: error.message };
  if (error instanceof OpsError) {
    return { error: error.code === exit.usage ? 'invalid' : 'not-found', message: error.message };
  }
  if (error instanceof ManifestError) return { error: 'aws', message: error.message };
  const credentials = causeOf(error, ({ name }) => isWithoutCredentials(name));
  if (credentials) {
    return {
      error: 'aws',
      message: `The console has no valid credentials: ${credentials.message}. Sign in again; if this stays, start the console again.`,
    };
  }
  const aws = causeOf(error, (one) => one instanceof CallError || '$metadata' in one || 'syscall' in one);
  if (aws) {
    const missing = missingPermissionOf(aws.message);
    const message = missing
      ? `The credentials do not allow ${missing}. The command "policy" prints what the console needs.`
      : aws.message;
    return { error: 'aws', message, ...(missing && { missingPermission: missing }) };
  }
  return { error: 'internal', message: 'The console failed; see its output.' };
}

/** The IAM action that a denied call lacked. The answer to a HEAD has no text, so the call itself tells. */
function missingPermissionOf(message: string): string | undefined {
  const named = /perform:? ([a-z0-9-]+:[A-Za-z]+)/.exec(message)?.[1];
  return named ?? (/^(HEAD|GET) .*AccessDenied/s.test(message) ? 's3:GetObject' : undefined);
}

/** The first error of a kind in a chain of causes. */
function causeOf(error: unknown, isSought: (one: Error) => boolean): Error | undefined {
  for (let one = error; one instanceof Error; one = one.cause) {
    if (isSought(one)) return one;
  }
  return undefined;
}
