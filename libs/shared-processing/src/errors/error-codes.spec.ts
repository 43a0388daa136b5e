import { classOf, type ErrorClass } from './error-codes.ts';
import { CallError, isSystemError, outcomeOfError } from './call-error.ts';

/** Status, code and class of each documented error that a call of ours can receive. */
const S3: [number, string, ErrorClass][] = [
  [403, 'AccessDenied', 'access'],
  [403, 'AccountProblem', 'system'],
  [403, 'AllAccessDisabled', 'system'],
  [400, 'AuthorizationHeaderMalformed', 'system'],
  [400, 'AuthorizationQueryParametersError', 'system'],
  [400, 'BadDigest', 'request'],
  [409, 'ConditionalRequestConflict', 'temporary'],
  [400, 'ConnectionClosedByRequester', 'temporary'],
  [400, 'CredentialsNotSupported', 'system'],
  [400, 'EndpointNotFound', 'system'],
  [400, 'EntityTooLarge', 'request'],
  [400, 'EntityTooSmall', 'request'],
  [400, 'ExpiredToken', 'system'],
  [400, 'IncompleteBody', 'request'],
  [500, 'InternalError', 'temporary'],
  [403, 'InvalidAccessKeyId', 'system'],
  [400, 'InvalidArgument', 'request'],
  [400, 'InvalidBucketName', 'system'],
  [409, 'InvalidBucketState', 'system'],
  [400, 'InvalidDigest', 'request'],
  [400, 'InvalidHostHeader', 'system'],
  [403, 'InvalidObjectState', 'request'],
  [400, 'InvalidPart', 'request'],
  [400, 'InvalidPartOrder', 'request'],
  [403, 'InvalidPayer', 'system'],
  [416, 'InvalidRange', 'request'],
  [403, 'InvalidRegion', 'system'],
  [400, 'InvalidRequest', 'request'],
  [403, 'InvalidSecurity', 'system'],
  [400, 'InvalidSignature', 'system'],
  [400, 'InvalidTag', 'request'],
  [400, 'InvalidToken', 'system'],
  [400, 'InvalidURI', 'request'],
  [400, 'KeyTooLongError', 'request'],
  [403, 'KMS.AccessDeniedException', 'access'],
  [400, 'KMS.DisabledException', 'access'],
  [400, 'KMS.InvalidKeyUsageException', 'access'],
  [400, 'KMS.KMSInvalidStateException', 'access'],
  [400, 'KMS.NotFoundException', 'access'],
  [400, 'KMS.ThrottlingException', 'throttled'],
  [400, 'MetadataTooLarge', 'request'],
  [405, 'MethodNotAllowed', 'request'],
  [403, 'MissingAuthenticationToken', 'system'],
  [411, 'MissingContentLength', 'request'],
  [400, 'MissingSecurityHeader', 'system'],
  [404, 'NoSuchAccessPoint', 'system'],
  [404, 'NoSuchBucket', 'system'],
  [404, 'NoSuchKey', 'request'],
  [404, 'NoSuchUpload', 'request'],
  [404, 'NoSuchVersion', 'request'],
  [501, 'NotImplemented', 'system'],
  [403, 'NotSignedUp', 'system'],
  [409, 'OperationAborted', 'temporary'],
  [301, 'PermanentRedirect', 'system'],
  [412, 'PreconditionFailed', 'request'],
  [307, 'Redirect', 'temporary'],
  [400, 'RequestTimeout', 'temporary'],
  [403, 'RequestTimeTooSkewed', 'system'],
  [400, 'ResponseInterrupted', 'temporary'],
  [409, 'RestoreAlreadyInProgress', 'request'],
  [503, 'ServiceUnavailable', 'temporary'],
  [403, 'SignatureDoesNotMatch', 'system'],
  [503, 'SlowDown', 'throttled'],
  [307, 'TemporaryRedirect', 'temporary'],
  [400, 'TokenRefreshRequired', 'system'],
  [403, 'UnauthorizedAccessError', 'system'],
  [403, 'UnexpectedIPError', 'system'],
  [400, 'UnsupportedSignature', 'system'],
  [400, 'XAmzContentSHA256Mismatch', 'request'],
];

const DYNAMODB: [number, string, ErrorClass][] = [
  [400, 'AccessDeniedException', 'access'],
  [400, 'ConditionalCheckFailedException', 'request'],
  [400, 'ExpiredTokenException', 'system'],
  [400, 'IncompleteSignatureException', 'system'],
  [500, 'InternalServerError', 'temporary'],
  [400, 'InvalidSignatureException', 'system'],
  [400, 'ItemCollectionSizeLimitExceededException', 'request'],
  [400, 'LimitExceededException', 'temporary'],
  [400, 'MissingAuthenticationTokenException', 'system'],
  [400, 'ProvisionedThroughputExceededException', 'throttled'],
  [400, 'ReplicatedWriteConflictException', 'temporary'],
  [400, 'RequestLimitExceeded', 'throttled'],
  [400, 'ResourceInUseException', 'temporary'],
  [400, 'ResourceNotFoundException', 'system'],
  [400, 'SerializationException', 'request'],
  [503, 'ServiceUnavailable', 'temporary'],
  [400, 'ThrottlingException', 'throttled'],
  [400, 'TransactionConflictException', 'temporary'],
  [400, 'UnknownOperationException', 'system'],
  [400, 'UnrecognizedClientException', 'system'],
  [400, 'ValidationException', 'request'],
];

const SQS: [number, string, ErrorClass][] = [
  [400, 'AWS.SimpleQueueService.NonExistentQueue', 'system'],
  [400, 'BatchRequestTooLong', 'request'],
  [500, 'InternalFailure', 'temporary'],
  [404, 'InvalidAddress', 'system'],
  [403, 'InvalidClientTokenId', 'system'],
  [400, 'InvalidMessageContents', 'request'],
  [400, 'IncompleteSignature', 'system'],
  [400, 'KmsAccessDenied', 'access'],
  [400, 'KmsDisabled', 'access'],
  [400, 'KmsInvalidKeyUsage', 'access'],
  [400, 'KmsInvalidState', 'access'],
  [400, 'KmsNotFound', 'access'],
  [403, 'KmsOptInRequired', 'access'],
  [400, 'KmsThrottled', 'throttled'],
  [400, 'MessageNotInflight', 'request'],
  [400, 'NotAuthorized', 'access'],
  [403, 'OptInRequired', 'system'],
  [403, 'OverLimit', 'throttled'],
  [400, 'QueueDoesNotExist', 'system'],
  [400, 'ReceiptHandleIsInvalid', 'request'],
  [400, 'RequestExpired', 'system'],
  [403, 'RequestThrottled', 'throttled'],
  [400, 'TooManyEntriesInBatchRequest', 'request'],
  [400, 'UnsupportedOperation', 'system'],
];

describe.each([
  ['S3', S3],
  ['DynamoDB', DYNAMODB],
  ['SQS', SQS],
])('an error of %s', (_service, rows) => {
  it.each(rows)('%i %s is of class %s', (status, code, errorClass) => {
    expect(classOf(status, code)).toBe(errorClass);
    const outcome = outcomeOfError(status, code);
    expect(outcome).toBe(
      errorClass === 'throttled' ? 'throttled' : errorClass === 'temporary' ? 'unknown' : 'refused',
    );
    const error = new CallError('PUT', { outcome, code, status });
    expect(isSystemError(error)).toBe(errorClass === 'system' || errorClass === 'access');
  });
});

describe('an unknown error code', () => {
  it.each<[number | undefined, ErrorClass]>([
    [400, 'request'],
    [403, 'access'],
    [404, 'request'],
    [408, 'temporary'],
    [429, 'throttled'],
    [500, 'temporary'],
    [301, 'temporary'],
    [undefined, 'temporary'],
  ])('with status %s is of class %s', (status, errorClass) => {
    expect(classOf(status, 'SomethingNew')).toBe(errorClass);
  });
});
