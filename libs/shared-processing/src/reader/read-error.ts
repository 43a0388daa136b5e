import type { CallError } from '../calls/index.ts';

/**
 * Why an object version could not be read:
 * - `gone`, `access-denied`, `superseded` (overwritten where versions are not kept), `not-readable` (S3 refuses the
 *   request as such): it will not get better by itself;
 * - `unavailable`: it may go well later (throttled, cut off, out of time).
 */
export type ReadFailure = 'gone' | 'access-denied' | 'superseded' | 'not-readable' | 'unavailable';

/** An object version that could not be read whole. */
export class ReadError extends Error {
  override readonly name = 'ReadError';
  readonly failure: ReadFailure;

  constructor(failure: ReadFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/** S3 answers 400 to a request whose bytes were too slow: nothing is wrong with the object. */
const PASSING_REFUSALS = new Set(['RequestTimeout', 'RequestTimeTooSkewed']);

/** What a failed GET says of the object. */
export function readFailureOf(error: CallError): ReadFailure {
  if (error.outcome !== 'refused' || PASSING_REFUSALS.has(error.code)) return 'unavailable';
  switch (error.status) {
    case 404:
    case 405: // GET of a delete marker's version
      return 'gone';
    case 403:
      return 'access-denied';
    case 412:
      return 'superseded';
    default:
      return 'not-readable';
  }
}
