import { writeContext } from '../access.ts';
import { emptyAnswer, xmlAnswer } from '../http/answer.ts';
import { wholeSecond } from '../objects/changes.ts';
import { multipartChecksumType, parseAlgorithm } from '../objects/checksums.ts';
import { parseDescription } from '../objects/description.ts';
import { S3Error } from '../errors.ts';
import type { Upload } from '../model.ts';
import type { ObjectCall, Operation } from '../operation.ts';
import type { S3Request } from '../http/request.ts';
import { newUploadId } from '../objects/sequence.ts';

export const createMultipartUpload: Operation = {
  name: 'CreateMultipartUpload',
  method: 'POST',
  on: 'object',
  selectedBy: { uploads: true },
  context: writeContext,
  actions: ({ header }) => [
    's3:PutObject',
    ...(header('x-amz-tagging') === undefined ? [] : (['s3:PutObjectTagging'] as const)),
  ],
  async run(call) {
    const { request, bucket, key, service } = call;
    const checksum = demandedChecksum(request);
    const description = parseDescription(request);
    await call.beforeEffect();
    const id = newUploadId(service.nextSequence());
    const initiated = wholeSecond(service.clock());
    const upload = { ...description, id, key, initiated, parts: new Map(), isCompleting: false, checksum };
    bucket.uploads.set(id, upload);
    return xmlAnswer(
      [
        'InitiateMultipartUploadResult',
        [
          ['Bucket', bucket.name],
          ['Key', key],
          ['UploadId', id],
        ],
      ],
      checksum === undefined
        ? {}
        : { 'x-amz-checksum-algorithm': checksum.algorithm, 'x-amz-checksum-type': checksum.type },
    );
  },
};

export const abortMultipartUpload: Operation = {
  name: 'AbortMultipartUpload',
  method: 'DELETE',
  on: 'object',
  selectedBy: { uploadId: true },
  actions: () => ['s3:AbortMultipartUpload'],
  async run(call) {
    await call.beforeEffect();
    const upload = findUpload(call);
    call.bucket.uploads.delete(upload.id);
    for (const part of upload.parts.values()) call.service.blobs.discard(part.blob);
    return emptyAnswer(204);
  },
};

/**
 * The upload that a request names.
 *
 * @throws S3Error NoSuchUpload if this key has no upload with that id; OperationAborted while it is being completed. S3's documentation does not say
 * what it answers then. NoSuchUpload would be wrong: to somebody who aborts, it means that nothing can appear any more.
 */
export function findUpload({ bucket, key, request }: ObjectCall): Upload {
  const upload = bucket.uploads.get(request.query.get('uploadId') ?? '');
  if (upload?.key !== key) throw new S3Error('NoSuchUpload');
  if (upload.isCompleting) throw new S3Error('OperationAborted');
  return upload;
}

function demandedChecksum({ header }: S3Request): Upload['checksum'] {
  const name = header('x-amz-checksum-algorithm');
  if (name === undefined) return undefined;
  const algorithm = parseAlgorithm(name);
  return { algorithm, type: multipartChecksumType(algorithm, header('x-amz-checksum-type')) };
}
