import { S3Error } from './errors.ts';
import type { S3Request } from './http/request.ts';

/** IAM actions checked by the operations implemented here. */
export type S3Action =
  | 's3:AbortMultipartUpload'
  | 's3:CreateBucket'
  | 's3:DeleteBucket'
  | 's3:DeleteObject'
  | 's3:DeleteObjectTagging'
  | 's3:DeleteObjectVersion'
  | 's3:DeleteObjectVersionTagging'
  | 's3:GetBucketLocation'
  | 's3:GetBucketNotification'
  | 's3:GetBucketTagging'
  | 's3:GetBucketVersioning'
  | 's3:GetObject'
  | 's3:GetObjectAttributes'
  | 's3:GetObjectTagging'
  | 's3:GetObjectVersion'
  | 's3:GetObjectVersionAttributes'
  | 's3:GetObjectVersionTagging'
  | 's3:ListAllMyBuckets'
  | 's3:ListBucket'
  | 's3:ListBucketMultipartUploads'
  | 's3:ListBucketVersions'
  | 's3:ListMultipartUploadParts'
  | 's3:PutBucketNotification'
  | 's3:PutBucketTagging'
  | 's3:PutBucketVersioning'
  | 's3:PutObject'
  | 's3:PutObjectTagging'
  | 's3:PutObjectVersionTagging'
  | 's3:RestoreObject';

/** A request for authorization. */
export interface AccessRequest {
  /** Undefined if the request is not signed. */
  accessKeyId: string | undefined;
  action: S3Action;
  /** ARN of the object or the bucket; `*` for the service. */
  resource: string;
  bucket: string | undefined;
  /** Key of the object, if the action applies to one. */
  key: string | undefined;
  versionId: string | undefined;
  /** Whether the connection is TLS. */
  secureTransport: boolean;
  sourceIp: string;
  /** Values of condition keys that the request provides, such as `s3:prefix`. */
  context: Readonly<Record<string, string>>;
}

export type Authorize = (request: AccessRequest) => 'allow' | 'deny';

/** The target of an action. */
export interface AccessTarget {
  bucket?: string | undefined;
  key?: string | undefined;
  versionId?: string | undefined;
  context?: Readonly<Record<string, string>>;
}

export function accessRequest(request: S3Request, action: S3Action, target: AccessTarget): AccessRequest {
  const { bucket, key, versionId, context } = target;
  const name = key === undefined ? bucket : `${bucket}/${key}`;
  return {
    accessKeyId: request.accessKeyId,
    action,
    resource: name === undefined ? '*' : `arn:aws:s3:::${name}`,
    bucket,
    key,
    versionId,
    secureTransport: request.secureTransport,
    sourceIp: request.sourceIp,
    context: {
      'aws:SecureTransport': String(request.secureTransport),
      'aws:SourceIp': request.sourceIp,
      ...(versionId === undefined ? {} : { 's3:versionid': versionId }),
      ...context,
    },
  };
}

/** Condition keys of a listing. The implicit check behind a 404 has none of them, as in S3. */
export function listingContext(query: ReadonlyMap<string, string>): Record<string, string> {
  const context: Record<string, string> = {};
  for (const name of ['prefix', 'delimiter', 'max-keys']) {
    const value = query.get(name);
    if (value !== undefined) context[`s3:${name}`] = value;
  }
  return context;
}

/** Condition keys of a write. */
export function writeContext(request: S3Request): Record<string, string> {
  const context: Record<string, string> = {};
  for (const name of [
    'x-amz-storage-class',
    'x-amz-acl',
    'x-amz-server-side-encryption',
    'x-amz-server-side-encryption-aws-kms-key-id',
    'x-amz-server-side-encryption-customer-algorithm',
    'if-match',
    'if-none-match',
  ]) {
    const value = request.header(name);
    if (value !== undefined) context[`s3:${name}`] = value;
  }
  return context;
}

/** Operations that write an object or a part, and whether they create the object. */
const CREATES_OBJECT: Readonly<Record<string, boolean>> = {
  PutObject: true,
  CopyObject: true,
  CompleteMultipartUpload: true,
  CreateMultipartUpload: false,
  UploadPart: false,
  UploadPartCopy: false,
};

/**
 * Condition key that says whether an operation creates an object. The earlier steps of a multipart upload do not, and
 * accept no conditional headers. Source: Amazon S3 User Guide, "Enforce conditional writes on Amazon S3 buckets".
 */
export function creationContext(operation: string): Record<string, string> {
  const creates = CREATES_OBJECT[operation];
  return creates === undefined ? {} : { 's3:ObjectCreationOperation': String(creates) };
}

export function accessDenied(request: Pick<S3Request, 'accessKeyId'>, action: S3Action): S3Error {
  const who =
    request.accessKeyId === undefined ? 'An unsigned request' : `The holder of ${request.accessKeyId}`;
  return new S3Error('AccessDenied', { message: `${who} is not allowed to perform ${action}.` });
}
