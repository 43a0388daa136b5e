/** Errors of this S3: code → HTTP status and default message. */
const KNOWN = {
  AccessDenied: [403, 'Access Denied'],
  AuthorizationHeaderMalformed: [400, 'The authorization header that you provided is not valid.'],
  AuthorizationQueryParametersError: [
    400,
    'The authorization query parameters that you provided are not valid.',
  ],
  BadDigest: [400, 'The digest you specified did not match the one calculated from the body.'],
  BucketAlreadyOwnedByYou: [409, 'You already own a bucket with this name.'],
  BucketNotEmpty: [409, 'The bucket you tried to delete is not empty.'],
  ConditionalRequestConflict: [409, 'A conflicting operation occurred during this conditional request.'],
  EntityTooLarge: [400, 'Your proposed upload exceeds the maximum allowed size'],
  EntityTooSmall: [400, 'A part other than the last is smaller than the minimum allowed size.'],
  IllegalVersioningConfigurationException: [400, 'The Versioning element must be specified'],
  IncompleteBody: [400, 'The body does not have the number of bytes declared.'],
  InternalError: [500, 'We encountered an internal error. Please try again.'],
  InvalidAccessKeyId: [403, 'The AWS Access Key Id you provided does not exist in our records.'],
  InvalidArgument: [400, 'An argument is invalid.'],
  InvalidBucketName: [400, 'The specified bucket is not valid.'],
  InvalidDigest: [400, 'The Content-MD5 you specified is not valid.'],
  InvalidObjectState: [403, "The operation is not valid for the object's storage class."],
  InvalidPart: [400, 'A part could not be found, or its entity tag does not match.'],
  InvalidPartNumber: [416, 'The requested partnumber is not satisfiable'],
  InvalidPartOrder: [400, 'The list of parts is not in ascending order.'],
  InvalidRange: [416, 'The requested range is not satisfiable.'],
  InvalidRequest: [400, 'The request is invalid.'],
  InvalidStorageClass: [400, 'The storage class you specified is not valid.'],
  InvalidTag: [400, 'The tags you provided are not valid.'],
  InvalidToken: [400, 'The provided token is malformed or otherwise not valid.'],
  InvalidURI: [400, 'The URI could not be parsed.'],
  KeyTooLongError: [400, 'Your key is too long.'],
  MalformedTrailerError: [400, 'The trailer of the body is malformed.'],
  MalformedXML: [400, 'The XML you provided was not well-formed or did not validate against the schema.'],
  MetadataTooLarge: [400, 'Your metadata headers exceed the maximum allowed size of 2048 bytes.'],
  MethodNotAllowed: [405, 'The method is not allowed against this resource.'],
  MissingContentLength: [411, 'You must provide the Content-Length HTTP header.'],
  NoSuchBucket: [404, 'The specified bucket does not exist.'],
  NoSuchKey: [404, 'The specified key does not exist.'],
  NoSuchTagSet: [404, 'The TagSet does not exist'],
  NoSuchUpload: [404, 'The specified multipart upload does not exist.'],
  NoSuchVersion: [404, 'The specified version does not exist.'],
  NotImplemented: [501, 'This S3 does not implement the requested operation.'],
  NotModified: [304, 'Not Modified'],
  OperationAborted: [409, 'A conflicting operation on this upload is in progress. Please try again.'],
  PreconditionFailed: [412, 'At least one of the preconditions you specified did not hold.'],
  RequestTimeTooSkewed: [403, "The difference between the request time and the server's time is too large."],
  RestoreAlreadyInProgress: [409, 'The object is already being restored.'],
  SignatureDoesNotMatch: [
    403,
    'The request signature that we calculated does not match the one you provided.',
  ],
  SlowDown: [503, 'Please reduce your request rate.'],
  XAmzContentSHA256Mismatch: [400, "The provided 'x-amz-content-sha256' does not match the computed value."],
} as const satisfies Record<string, readonly [number, string]>;

export type ErrorCode = keyof typeof KNOWN;

interface Particulars {
  message?: string;
  /** Default: the code's own. */
  status?: number;
  /** Additional response headers. */
  headers?: Record<string, string>;
  /** Additional elements of the error document. */
  details?: Record<string, string>;
}

/** An S3 error response, sent to the client as it is. */
export class S3Error extends Error {
  override readonly name = 'S3Error';
  readonly code: ErrorCode;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly details: Record<string, string>;

  constructor(code: ErrorCode, particulars: Particulars = {}) {
    const [status, message] = KNOWN[code];
    super(particulars.message ?? message);
    this.code = code;
    this.status = particulars.status ?? status;
    this.headers = particulars.headers ?? {};
    this.details = particulars.details ?? {};
  }
}
