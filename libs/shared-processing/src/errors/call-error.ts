import { classOf, type ErrorClass } from './error-codes.ts';

/**
 * What is known about a call that returned no result:
 * - `refused`: the service stated that it did nothing, so a repetition cannot have a second effect;
 * - `throttled`: refused because of the request rate; try again later;
 * - `unknown`: no response, or an inconclusive one (500). The effect may have happened, or may still happen.
 */
export type CallOutcome = 'refused' | 'throttled' | 'unknown';

/** A call to S3, DynamoDB or SQS that returned no result. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly outcome: CallOutcome;
  /** The service's error code (`NoSuchKey`), or the system's (`ECONNRESET`). */
  readonly code: string;
  readonly status: number | undefined;

  constructor(
    what: string,
    response: { outcome: CallOutcome; code: string; status?: number | undefined; detail?: string },
    options?: ErrorOptions,
  ) {
    const status = response.status === undefined ? '' : `, HTTP ${response.status}`;
    const detail = response.detail ? `: ${response.detail}` : '';
    super(`${what}: ${response.code}${status} (${response.outcome})${detail}`, options);
    this.outcome = response.outcome;
    this.code = response.code;
    this.status = response.status;
  }

  /** The scope of the error: this request, access to it, or the whole system. See `ErrorClass`. */
  get class(): ErrorClass {
    if (this.outcome === 'throttled') return 'throttled';
    return this.outcome === 'unknown' ? 'temporary' : classOf(this.status, this.code);
  }
}

/**
 * A fault that affects every file alike: a missing or unreachable table or bucket, wrong credentials, a missing
 * permission. The invocation stops and acknowledges nothing, and the event source backs off.
 */
export class SystemFault extends Error {
  override readonly name = 'SystemFault';
}

/** The code of a response that no AWS service sent. */
export const FOREIGN_RESPONSE = 'NotAnAwsResponse';

/** The outcome that follows from a service's error. */
export function outcomeOfError(status: number | undefined, code: string): CallOutcome {
  const errorClass = classOf(status, code);
  if (errorClass === 'throttled') return 'throttled';
  return errorClass === 'temporary' ? 'unknown' : 'refused';
}

/** Whether a write, or any call that does not read one landed object, failed for a reason that affects every file. */
export function isSystemError(error: unknown): boolean {
  return error instanceof CallError && (error.class === 'system' || error.class === 'access');
}

/**
 * The error for a response with an error status.
 *
 * Only an AWS error document, or AWS's own headers if there is no body, says anything about the object or the
 * system. Any other response (a proxy's HTML page, a wrong endpoint) leaves the outcome unknown.
 *
 * @param what the call in words, such as `GET landing/a.txt`
 * @param response.code the code in the error document; undefined if there is no such document
 * @param response.isAws whether the response has no body and carries a request id from AWS
 */
export function responseError(
  what: string,
  response: { status: number; code: string | undefined; isAws: boolean; message?: string | undefined },
  options?: ErrorOptions,
): CallError {
  const { status, code, isAws, message: detail } = response;
  const known = code ?? (isAws ? codeOfStatus(status) : undefined);
  if (known === undefined) {
    const foreign = 'the response has neither an AWS error document nor AWS headers';
    return new CallError(
      what,
      { outcome: 'unknown', code: FOREIGN_RESPONSE, status, detail: foreign },
      options,
    );
  }
  const outcome = outcomeOfError(status, known);
  return new CallError(what, { outcome, code: known, status, ...(detail && { detail }) }, options);
}

/** An error of an AWS SDK client. A service's error has `$fault`; for a body that is not an AWS document, only `$metadata` is set. */
interface SdkError extends Error {
  code?: unknown;
  $fault?: string;
  /** From S3's error document. */
  RequestId?: string;
  $metadata?: { httpStatusCode?: number; requestId?: string; extendedRequestId?: string };
}

/** The SDK's names for an error response without a document. */
const UNNAMED = /^(NotFound|Unknown|UnknownError|\d{3})$/;

/** Converts what an AWS SDK client or a connection threw into a CallError. */
export function toCallError(what: string, thrown: unknown): CallError {
  if (thrown instanceof CallError) return thrown;
  const error = thrown as SdkError;
  const status = error.$metadata?.httpStatusCode;
  if (status === undefined) {
    const code = typeof error.code === 'string' ? error.code : error.name;
    const outcome = outcomeOfError(undefined, code);
    return new CallError(what, { outcome, code, detail: error.message }, { cause: thrown });
  }
  // The SDK looks for a code in any XML or JSON, so a request id must vouch that AWS sent it.
  const isAws =
    error.$fault !== undefined &&
    Boolean(error.RequestId ?? error.$metadata?.requestId ?? error.$metadata?.extendedRequestId);
  const code = isAws && !UNNAMED.test(error.name) ? error.name : undefined;
  return responseError(what, { status, code, isAws, message: error.message }, { cause: thrown });
}

/** A response to HEAD has no body, so its status determines the code. */
function codeOfStatus(status: number): string {
  if (status === 403) return 'AccessDenied';
  return status === 404 ? 'NotFound' : `HTTP ${status}`;
}
