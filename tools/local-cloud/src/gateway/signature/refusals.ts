import { S3Error } from '../../s3/index.ts';
import type { Protocol } from '../protocol.ts';
import { maxSkewMs, type SignatureFault } from './verify.ts';

const mismatch =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.';
const mechanism =
  'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.';

const iso = (time: number) => new Date(time).toISOString();

/** S3's error for a signature that it refuses. Source: "Error responses" in the S3 API reference. */
export function s3RefusalOf(fault: SignatureFault): S3Error {
  switch (fault.fault) {
    case 'other-mechanism':
      return new S3Error('InvalidRequest', { message: mechanism });
    case 'two-mechanisms':
      return new S3Error('InvalidArgument', {
        message:
          'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter or the Authorization header should be specified',
      });
    case 'malformed':
      return fault.place === 'header'
        ? new S3Error('AuthorizationHeaderMalformed', { message: fault.why })
        : new S3Error('AuthorizationQueryParametersError', { message: fault.why });
    case 'unknown-key':
      return new S3Error('InvalidAccessKeyId', { details: { AWSAccessKeyId: fault.accessKeyId } });
    case 'wrong-token':
      return new S3Error('InvalidToken');
    case 'no-date':
      return new S3Error('AccessDenied', {
        message: 'AWS authentication requires a valid Date or x-amz-date header',
      });
    case 'skewed':
      return new S3Error('RequestTimeTooSkewed', {
        details: {
          RequestTime: fault.date,
          ServerTime: iso(fault.serverTime),
          MaxAllowedSkewMilliseconds: String(maxSkewMs),
        },
      });
    case 'not-yet-valid':
      return new S3Error('AccessDenied', { message: 'Request is not yet valid' });
    case 'expired':
      return new S3Error('AccessDenied', {
        message: 'Request has expired',
        details: {
          'X-Amz-Expires': String(fault.expiresSeconds),
          Expires: iso(fault.expiresAt),
          ServerTime: iso(fault.serverTime),
        },
      });
    case 'headers-not-signed':
      return new S3Error('AccessDenied', {
        message: 'There were headers present in the request which were not signed',
        details: { HeadersNotSigned: fault.names.join(', ') },
      });
    case 'payload-hash':
      return new S3Error('InvalidArgument', { message: fault.why });
    case 'no-match':
      return new S3Error('SignatureDoesNotMatch', {
        message: mismatch,
        details: {
          AWSAccessKeyId: fault.accessKeyId,
          StringToSign: fault.stringToSign,
          SignatureProvided: fault.signature,
          CanonicalRequest: fault.canonicalRequest,
        },
      });
  }
}

/** A service error, before it is written in the caller's protocol. */
export interface ServiceError {
  readonly status: 400 | 403;
  readonly code: string;
  readonly message: string;
}

/** Error names in the query protocol (also SQS) and in the JSON protocols. */
const codes = {
  unknown: ['InvalidClientTokenId', 'UnrecognizedClientException'],
  incomplete: ['IncompleteSignature', 'IncompleteSignatureException'],
  mismatch: ['SignatureDoesNotMatch', 'InvalidSignatureException'],
  missing: ['MissingAuthenticationToken', 'MissingAuthenticationTokenException'],
} as const;

function serviceError(kind: keyof typeof codes, protocol: Protocol, message: string): ServiceError {
  const isJson = protocol === 'json' || protocol === 'rest-json';
  // Services with a target header answer 400 to all client errors, the others 403.
  const status = protocol === 'json' || kind === 'incomplete' ? 400 : 403;
  return { status, code: codes[kind][isJson ? 1 : 0], message };
}

/**
 * The other services' error for a signature.
 *
 * @see "Common Error Types" in the API references of DynamoDB, Lambda, SQS and STS
 */
export function refusalOf(fault: SignatureFault, protocol: Protocol): ServiceError {
  const error = (kind: keyof typeof codes, message: string) => serviceError(kind, protocol, message);
  switch (fault.fault) {
    case 'unknown-key':
    case 'wrong-token':
      return error('unknown', 'The security token included in the request is invalid.');
    case 'other-mechanism':
      return error('incomplete', mechanism);
    case 'two-mechanisms':
      return error('incomplete', 'The request is signed both in its Authorization header and in its query.');
    case 'malformed':
    case 'payload-hash':
      return error('incomplete', fault.why);
    case 'no-date':
      return error('incomplete', 'The request has neither an X-Amz-Date nor a Date header.');
    case 'skewed':
      return error(
        'mismatch',
        `Signature expired or not yet current: ${fault.date} is more than 15 minutes from ${iso(fault.serverTime)}.`,
      );
    case 'not-yet-valid':
      return error('mismatch', 'Signature not yet current.');
    case 'expired':
      return error('mismatch', 'The presigned URL has expired.');
    case 'headers-not-signed':
    case 'no-match':
      return error('mismatch', mismatch);
  }
}

/** The error for an unsigned request to a service that requires a signature. */
export function missingToken(protocol: Protocol): ServiceError {
  return serviceError('missing', protocol, 'Request is missing Authentication Token');
}
