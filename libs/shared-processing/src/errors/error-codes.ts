/**
 * What an error code says about a failed call:
 * - `request`: something is wrong with this one object or request; the same request fails again;
 * - `access`: permission is missing. On a read it concerns the one object (its policy or its KMS key); on any other
 *   call it concerns every file alike;
 * - `system`: credentials, configuration or the account are wrong, so every call fails alike;
 * - `throttled`: the service did nothing because of the request rate;
 * - `temporary`: a later attempt may succeed; whether this one took effect is unknown.
 */
export type ErrorClass = 'request' | 'access' | 'system' | 'throttled' | 'temporary';

/*
 * Sources, read November 2026:
 * S3        https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 * DynamoDB  https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
 * SQS       https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
 * all       https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
 *
 * Codes of operations that no function calls (bucket configuration, POST forms, SOAP) are left out; `classOf` decides
 * those by their status.
 */
const CODES: Record<ErrorClass, readonly string[]> = {
  request: [
    // S3
    ...[
      'BadDigest',
      'EntityTooLarge',
      'EntityTooSmall',
      'IncompleteBody',
      'InvalidArgument',
      'InvalidDigest',
    ],
    ...[
      'InvalidObjectState',
      'InvalidPart',
      'InvalidPartOrder',
      'InvalidRange',
      'InvalidRequest',
      'InvalidTag',
    ],
    ...['InvalidURI', 'KeyTooLongError', 'MetadataTooLarge', 'MethodNotAllowed', 'MissingContentLength'],
    ...['NoSuchKey', 'NoSuchUpload', 'NoSuchVersion', 'NotFound', 'PreconditionFailed'],
    ...['RestoreAlreadyInProgress', 'XAmzContentSHA256Mismatch'],
    // DynamoDB
    ...['ConditionalCheckFailedException', 'ItemCollectionSizeLimitExceededException'],
    ...['SerializationException', 'ValidationException'],
    // SQS
    ...['BatchEntryIdsNotDistinct', 'BatchRequestTooLong', 'EmptyBatchRequest', 'InvalidBatchEntryId'],
    ...[
      'InvalidMessageContents',
      'MessageNotInflight',
      'ReceiptHandleIsInvalid',
      'TooManyEntriesInBatchRequest',
    ],
    ...['ValidationError'],
  ],
  access: [
    ...['AccessDenied', 'AccessDeniedException', 'NotAuthorized'],
    ...['KMS.DisabledException', 'KMS.InvalidKeyUsageException', 'KMS.KMSInvalidStateException'],
    ...['KMS.NotFoundException', 'KMS.AccessDeniedException'],
    ...['KmsAccessDenied', 'KmsDisabled', 'KmsInvalidKeyUsage', 'KmsInvalidState', 'KmsNotFound'],
    ...['KmsOptInRequired'],
  ],
  system: [
    // Credentials and signatures
    ...['AuthorizationHeaderMalformed', 'AuthorizationQueryParametersError', 'CredentialsNotSupported'],
    ...['ExpiredToken', 'ExpiredTokenException', 'IncompleteSignature', 'IncompleteSignatureException'],
    ...['InvalidAccessKeyId', 'InvalidClientTokenId', 'InvalidSecurity', 'InvalidSignature'],
    ...['InvalidSignatureException', 'InvalidToken', 'MissingAuthenticationToken'],
    ...['MissingAuthenticationTokenException', 'MissingSecurityHeader', 'RequestExpired'],
    ...[
      'RequestTimeTooSkewed',
      'SignatureDoesNotMatch',
      'TokenRefreshRequired',
      'UnrecognizedClientException',
    ],
    ...['UnsupportedSignature'],
    // Account and endpoint
    ...['AccountProblem', 'AllAccessDisabled', 'EndpointNotFound', 'InvalidAction', 'InvalidHostHeader'],
    ...[
      'InvalidPayer',
      'InvalidRegion',
      'NotImplemented',
      'NotSignedUp',
      'OptInRequired',
      'PermanentRedirect',
    ],
    ...['UnauthorizedAccess', 'UnauthorizedAccessError', 'UnexpectedIPError', 'UnknownOperationException'],
    ...['UnsupportedOperation'],
    // Resources that every call needs
    ...[
      'AWS.SimpleQueueService.NonExistentQueue',
      'InvalidAddress',
      'InvalidBucketName',
      'InvalidBucketState',
    ],
    ...['NoSuchAccessPoint', 'NoSuchBucket', 'QueueDeletedRecently', 'QueueDoesNotExist'],
    ...['ResourceNotFoundException'],
  ],
  throttled: [
    ...['KMS.ThrottlingException', 'KmsThrottled', 'OverLimit', 'ProvisionedThroughputExceededException'],
    ...['RequestLimitExceeded', 'RequestThrottled', 'RequestThrottledException', 'SlowDown', 'Throttling'],
    ...['ThrottledException', 'ThrottlingException', 'TooManyRequestsException'],
  ],
  temporary: [
    ...['BusyException', 'ConditionalRequestConflict', 'ConnectionClosedByRequester', 'InternalError'],
    ...['InternalFailure', 'InternalServerError', 'LimitExceededException', 'OperationAborted', 'Redirect'],
    ...[
      'ReplicatedWriteConflictException',
      'RequestTimeout',
      'ResourceInUseException',
      'ResponseInterrupted',
    ],
    ...['ServiceUnavailable', 'ServiceUnavailableException', 'TemporaryRedirect'],
    ...['TransactionConflictException', 'TransactionInProgressException'],
  ],
};

const CLASSES: ReadonlyMap<string, ErrorClass> = new Map(
  Object.entries(CODES).flatMap(([errorClass, codes]) =>
    codes.map((code) => [code, errorClass as ErrorClass] as const),
  ),
);

const WITHOUT_CREDENTIALS: readonly string[] = ['CredentialsProviderError', 'TokenProviderError'];

/** Whether an error of the SDK means that it has no credentials, or that a sign-in has expired: it sent no request. @param code its name */
export function isWithoutCredentials(code: string): boolean {
  return WITHOUT_CREDENTIALS.includes(code);
}

/**
 * The class of an error that an AWS service returned. An unknown code is judged by its HTTP status: 403 is `access`,
 * another 4xx is `request` (except 408 and 429), and everything else is `temporary`.
 */
export function classOf(status: number | undefined, code: string): ErrorClass {
  const known = CLASSES.get(code);
  if (known) return known;
  if (status === undefined || status < 400 || status >= 500 || status === 408) return 'temporary';
  if (status === 429) return 'throttled';
  return status === 403 ? 'access' : 'request';
}
