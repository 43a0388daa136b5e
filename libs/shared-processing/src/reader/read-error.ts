import type { CallError } from '../errors/index.ts';

/**
 * Why an object version could not be read. These are permanent:
 * - `gone`: the version no longer exists;
 * - `access-denied`: the function may not read this object;
 * - `key-unusable`: the object's KMS key is disabled, deleted or not shared with the function;
 * - `archived`: the object is in an archive storage class and must be restored first;
 * - `superseded`: overwritten in a bucket that keeps no versions;
 * - `not-readable`: S3 rejects the request for another reason.
 *
 * `corrupted`: the received bytes do not match S3's checksum. Only repeated reads show whether that is permanent; the caller
 * decides how many.
 *
 * `unavailable` is temporary: throttled, connection lost, out of time.
 */
export type ReadFailure =
  | 'gone'
  | 'access-denied'
  | 'key-unusable'
  | 'archived'
  | 'superseded'
  | 'not-readable'
  | 'corrupted'
  | 'unavailable';

/** An object version could not be read completely. */
export class ReadError extends Error {
  override readonly name = 'ReadError';
  readonly failure: ReadFailure;

  constructor(failure: ReadFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/** Why a GET of an object failed. The caller handles system faults first. */
export function readFailureOf(error: CallError): ReadFailure {
  if (error.outcome !== 'refused') return 'unavailable';
  if (error.code.startsWith('KMS.')) return 'key-unusable';
  switch (error.code) {
    case 'NoSuchKey':
    case 'NoSuchVersion':
    case 'NotFound':
    case 'MethodNotAllowed': // GET of a delete marker's version
      return 'gone';
    case 'InvalidObjectState':
      return 'archived';
    case 'PreconditionFailed':
      return 'superseded';
    default:
      return error.class === 'access' ? 'access-denied' : 'not-readable';
  }
}
