import { randomUUID } from 'node:crypto';
import { writeContext } from '../access.ts';
import { emptyAnswer, xmlAnswer } from '../answer.ts';
import { openBody } from '../body.ts';
import { multipartChecksumType, parseAlgorithm } from '../checksums.ts';
import { parseDescription } from '../description.ts';
import { S3Error } from '../errors.ts';
import type { Upload } from '../model.ts';
import { checksumHeaders } from '../object-headers.ts';
import type { ObjectCall, Operation } from '../operation.ts';
import type { S3Request } from '../request.ts';

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
    const { request, bucket, key } = call;
    const id = randomUUID();
    const checksum = demandedChecksum(request);
    const upload: Upload = { ...parseDescription(request), id, key, parts: new Map(), checksum };
    await call.beforeEffect();
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

export const uploadPart: Operation = {
  name: 'UploadPart',
  method: 'PUT',
  on: 'object',
  selectedBy: { partNumber: true, uploadId: true },
  actions: () => ['s3:PutObject'],
  async run(call) {
    const { request, service } = call;
    if (request.header('x-amz-copy-source') !== undefined) {
      throw new S3Error('NotImplemented', { message: 'This S3 does not implement UploadPartCopy.' });
    }
    const { checksum: demanded } = findUpload(call);
    const number = parsePartNumber(request.query.get('partNumber') ?? '');
    const body = openBody(request);
    if (demanded !== undefined && body.checksum !== demanded.algorithm) {
      const message = `The upload was created for ${demanded.algorithm} checksums, and the part comes without one.`;
      throw new S3Error('InvalidRequest', { message });
    }
    const blob = await service.blobs.write(body.chunks);
    await call.beforeEffect();
    const { md5, checksum } = body.digests();
    // The upload may have been completed or aborted meanwhile.
    const upload = call.bucket.uploads.get(request.query.get('uploadId') ?? '');
    if (upload === undefined) {
      service.blobs.discard(blob);
      throw new S3Error('NoSuchUpload');
    }
    const displaced = upload.parts.get(number);
    if (displaced !== undefined) service.blobs.discard(displaced.blob);
    upload.parts.set(number, { blob, md5, checksum });
    return emptyAnswer(200, {
      etag: `"${md5.toString('hex')}"`,
      ...partChecksum(checksumHeaders({ checksum })),
    });
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

/** @throws S3Error NoSuchUpload where there is none of this id for this key */
export function findUpload({ bucket, key, request }: ObjectCall): Upload {
  const upload = bucket.uploads.get(request.query.get('uploadId') ?? '');
  if (upload?.key !== key) throw new S3Error('NoSuchUpload');
  return upload;
}

/** Parts have numbers from 1 to 10,000. */
function parsePartNumber(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= 10_000) return number;
  throw new S3Error('InvalidArgument', {
    message: 'Part number must be an integer between 1 and 10000, inclusive.',
  });
}

function demandedChecksum({ header }: S3Request): Upload['checksum'] {
  const name = header('x-amz-checksum-algorithm');
  if (name === undefined) return undefined;
  const algorithm = parseAlgorithm(name);
  return { algorithm, type: multipartChecksumType(algorithm, header('x-amz-checksum-type')) };
}

/** A part's checksum has no type. */
function partChecksum({
  'x-amz-checksum-type': _,
  ...headers
}: Record<string, string>): Record<string, string> {
  return headers;
}
