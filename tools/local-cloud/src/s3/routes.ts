import { S3Error } from './errors.ts';
import type { Operation } from './operation.ts';
import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  headBucket,
  listBuckets,
} from './operations/buckets.ts';
import {
  getBucketNotificationConfiguration,
  putBucketNotificationConfiguration,
} from './operations/bucket-notification.ts';
import { getBucketTagging, putBucketTagging } from './operations/bucket-tagging.ts';
import { getBucketVersioning, putBucketVersioning } from './operations/bucket-versioning.ts';
import { completeMultipartUpload } from './operations/complete-multipart-upload.ts';
import { copyObject } from './operations/copy-object.ts';
import { deleteObject } from './operations/delete-object.ts';
import { deleteObjects } from './operations/delete-objects.ts';
import { getObjectAttributes } from './operations/get-object-attributes.ts';
import { getObject, headObject } from './operations/get-object.ts';
import { listMultipartUploads } from './operations/list-multipart-uploads.ts';
import { listObjectVersions } from './operations/list-object-versions.ts';
import { listObjects, listObjectsV2 } from './operations/list-objects.ts';
import { listParts } from './operations/list-parts.ts';
import { abortMultipartUpload, createMultipartUpload } from './operations/multipart-upload.ts';
import { putObject } from './operations/put-object.ts';
import { restoreObject } from './operations/restore-object.ts';
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './operations/tagging.ts';
import { uploadPart } from './operations/upload-part.ts';
import { uploadPartCopy } from './operations/upload-part-copy.ts';
import type { S3Request } from './http/request.ts';

/** All operations of this S3. If a request selects several, the first applies. */
export const OPERATIONS: readonly Operation[] = [
  listBuckets,
  getBucketLocation,
  getBucketVersioning,
  putBucketVersioning,
  getBucketNotificationConfiguration,
  putBucketNotificationConfiguration,
  getBucketTagging,
  putBucketTagging,
  listObjectsV2,
  listObjectVersions,
  listMultipartUploads,
  listObjects,
  headBucket,
  createBucket,
  deleteBucket,
  deleteObjects,
  getObjectTagging,
  getObjectAttributes,
  listParts,
  getObject,
  headObject,
  putObjectTagging,
  uploadPartCopy,
  uploadPart,
  copyObject,
  putObject,
  restoreObject,
  createMultipartUpload,
  completeMultipartUpload,
  abortMultipartUpload,
  deleteObjectTagging,
  deleteObject,
];

/**
 * Selects the operation of a request. A query parameter unknown to the operation means a different operation, which
 * this S3 does not support.
 *
 * @throws S3Error NotImplemented
 */
export function route(request: S3Request): Operation {
  const operation = OPERATIONS.find((candidate) => selects(candidate, request));
  if (operation === undefined || !understands(operation, request)) {
    const query = [...request.query.keys()].join('&');
    const target =
      request.bucket === undefined ? 'the service' : request.key === undefined ? 'a bucket' : 'an object';
    const message = `This S3 does not implement ${request.method} ${query === '' ? '' : `?${query} `}on ${target}.`;
    throw new S3Error('NotImplemented', { message });
  }
  return operation;
}

function selects(operation: Operation, request: S3Request): boolean {
  const { method, selectedBy = {}, selectedByHeader } = operation;
  return (
    method === request.method &&
    isOn(operation, request) &&
    Object.entries(selectedBy).every(([name, value]) =>
      value === true ? request.query.has(name) : request.query.get(name) === value,
    ) &&
    (selectedByHeader === undefined || request.header(selectedByHeader) !== undefined)
  );
}

function isOn({ on }: Operation, { bucket, key }: S3Request): boolean {
  switch (on) {
    case 'service':
      return bucket === undefined;
    case 'bucket':
    case 'bucket-name':
      return bucket !== undefined && key === undefined;
    case 'object':
      return bucket !== undefined && key !== undefined;
  }
}

function understands({ selectedBy = {}, query = [] }: Operation, request: S3Request): boolean {
  return [...request.query.keys()].every((name) => Object.hasOwn(selectedBy, name) || query.includes(name));
}
