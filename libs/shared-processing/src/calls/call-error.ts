/**
 * What is known of a call that gave no result:
 * - `refused`: the service said that it did nothing; asking again cannot do it twice;
 * - `throttled`: refused because of the pace; asking again later is expected;
 * - `unknown`: no answer, or one that does not tell (500): the effect may have happened, or may still.
 */
export type CallOutcome = 'refused' | 'throttled' | 'unknown';

/** A call to S3, DynamoDB or SQS that did not give its result. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly outcome: CallOutcome;
  /** The service's name for it (`NoSuchKey`), or the system's (`ECONNRESET`). */
  readonly code: string;
  readonly status: number | undefined;

  constructor(
    what: string,
    answer: { outcome: CallOutcome; code: string; status?: number | undefined; detail?: string },
    options?: ErrorOptions,
  ) {
    const status = answer.status === undefined ? '' : `, HTTP ${answer.status}`;
    const detail = answer.detail ? `: ${answer.detail}` : '';
    super(`${what}: ${answer.code}${status} (${answer.outcome})${detail}`, options);
    this.outcome = answer.outcome;
    this.code = answer.code;
    this.status = answer.status;
  }
}

/**
 * A fault that hits every file alike: a table or bucket that is missing or unreachable, a permission that the function
 * lacks. Whoever meets it stops and lets the event source back off; nothing is acknowledged.
 */
export class SystemFault extends Error {
  override readonly name = 'SystemFault';
}

const THROTTLES = new Set([
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'ProvisionedThroughputExceededException',
]);

/** Refusals that say something of the system, not of the one object that was asked for. */
const SYSTEM_REFUSALS = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AllAccessDisabled',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidAccessKeyId',
  'NoSuchBucket',
  'PermanentRedirect',
  'ResourceNotFoundException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
  'QueueDoesNotExist',
]);

/** The outcome that an HTTP answer states, by its status and the service's code. */
export function statedOutcome(status: number | undefined, code: string): CallOutcome {
  if (THROTTLES.has(code)) return 'throttled';
  return status !== undefined && status >= 400 && status < 500 && status !== 408 ? 'refused' : 'unknown';
}

/** Whether a call failed because of how the system is set up, so that it fails for every file. */
export function isSystemRefusal(error: unknown): boolean {
  return error instanceof CallError && error.outcome === 'refused' && SYSTEM_REFUSALS.has(error.code);
}

/**
 * Turns what an AWS SDK client threw into a CallError.
 *
 * @param what the call in words, such as `GET landing/a.txt`
 */
export function toCallError(what: string, thrown: unknown): CallError {
  if (thrown instanceof CallError) return thrown;
  const error = thrown as Error & { code?: unknown; $metadata?: { httpStatusCode?: number } };
  const status = error.$metadata?.httpStatusCode;
  const code = typeof error.code === 'string' ? error.code : codeOf(error.name, status);
  return new CallError(
    what,
    { outcome: statedOutcome(status, code), code, status, detail: error.message },
    { cause: thrown },
  );
}

/** An answer to HEAD has no body that could name the error, and the SDK calls it unknown. */
function codeOf(name: string, status: number | undefined): string {
  if (name !== 'Unknown' && name !== 'UnknownError') return name;
  return status === 403 ? 'AccessDenied' : `HTTP ${status ?? 'without a status'}`;
}
