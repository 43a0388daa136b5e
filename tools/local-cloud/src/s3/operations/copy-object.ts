import { writeContext } from '../access.ts';
import { xmlAnswer } from '../http/answer.ts';
import { checksumOfBlob, md5OfBlob } from '../objects/blob-digests.ts';
import { commitOrDiscard } from '../objects/changes.ts';
import { checksumNodes, DEFAULT_ALGORITHM, parseAlgorithm } from '../objects/checksums.ts';
import { parseWriteCondition } from '../objects/conditions.ts';
import { checkCopySize, type CopySource, copySourceHeader, findCopySource } from '../objects/copy-source.ts';
import { parseDescription } from '../objects/description.ts';
import { S3Error } from '../errors.ts';
import type { ObjectDescription, ObjectVersion } from '../model.ts';
import { versionHeader } from '../objects/object-headers.ts';
import type { ObjectCall, Operation } from '../operation.ts';
import type { S3Request } from '../http/request.ts';

export const copyObject: Operation = {
  name: 'CopyObject',
  method: 'PUT',
  on: 'object',
  selectedByHeader: 'x-amz-copy-source',
  conditions: ['if-match', 'if-none-match'],
  context: writeContext,
  actions: ({ header }) => [
    's3:PutObject',
    ...(directive(header, 'x-amz-tagging-directive') === 'REPLACE' ? (['s3:PutObjectTagging'] as const) : []),
    ...(header('if-match') === undefined ? [] : (['s3:GetObject'] as const)),
  ],
  async run(call) {
    const { request, service, key } = call;
    const condition = parseWriteCondition(request.header);
    const source = findSource(call);
    const description = describeCopy(request, source.object);
    if (
      source.bucket === call.bucket &&
      source.object.key === key &&
      copiesOntoItself(request, source.object)
    ) {
      const message = 'A copy onto itself must change the metadata, the storage class or the tags.';
      throw new S3Error('InvalidRequest', { message });
    }
    const wanted = request.header('x-amz-checksum-algorithm');
    const checksumAlgorithm =
      wanted === undefined
        ? (source.object.checksum?.algorithm ?? DEFAULT_ALGORITHM)
        : parseAlgorithm(wanted);
    const { blobs } = service;
    const blob = blobs.share(source.object.blob);
    const [etag, checksum] = await Promise.all([
      isMd5(source.object.etag) ? source.object.etag : md5OfBlob(blobs, blob).then(etagOfMd5),
      checksumOfBlob(blobs, blob, checksumAlgorithm),
    ]);
    await call.beforeEffect();
    const draft = { ...description, blob, etag, checksum };
    const object = commitOrDiscard(call, draft, condition, 'ObjectCreated:Copy');
    return xmlAnswer(
      [
        'CopyObjectResult',
        [
          ['LastModified', new Date(object.lastModified).toISOString()],
          ['ETag', object.etag],
          ['ChecksumType', checksum.type],
          ...checksumNodes(checksum),
        ],
      ],
      {
        ...versionHeader(object, call.bucket),
        ...copySourceHeader(source),
      },
    );
  },
};

/** Whether an entity tag is the MD5 of the object's bytes: it was not assembled from parts. */
function isMd5(etag: string): boolean {
  return !etag.includes('-');
}

function etagOfMd5(md5: Buffer): string {
  return `"${md5.toString('hex')}"`;
}

/**
 * The version to copy. The caller must be allowed to read it, and its tags if they are kept.
 *
 * @throws S3Error like a GET of it, and InvalidRequest if it cannot be copied
 */
function findSource(call: ObjectCall): CopySource {
  const { request } = call;
  const source = findCopySource(call);
  const { bucket, object, versionId } = source;
  if (object.tags.size > 0 && directive(request.header, 'x-amz-tagging-directive') === 'COPY') {
    const target = { bucket: bucket.name, key: object.key, versionId };
    call.demand(versionId === undefined ? 's3:GetObjectTagging' : 's3:GetObjectVersionTagging', target);
    call.demand('s3:PutObjectTagging', { bucket: call.bucket.name, key: call.key });
  }
  checkCopySize(object.blob.size);
  return source;
}

/** The copy's metadata and tags: each from the source, or from the request. */
function describeCopy(request: S3Request, source: ObjectVersion): ObjectDescription {
  const own = parseDescription(request);
  const described = directive(request.header, 'x-amz-metadata-directive') === 'REPLACE' ? own : source;
  const tagged = directive(request.header, 'x-amz-tagging-directive') === 'REPLACE' ? own : source;
  // The storage class is never copied.
  const { storageClass } = own;
  return { headers: described.headers, metadata: described.metadata, tags: tagged.tags, storageClass };
}

function copiesOntoItself(request: S3Request, source: ObjectVersion): boolean {
  return (
    !(request.header('x-amz-copy-source') ?? '').includes('?versionId=') &&
    directive(request.header, 'x-amz-metadata-directive') === 'COPY' &&
    directive(request.header, 'x-amz-tagging-directive') === 'COPY' &&
    (request.header('x-amz-storage-class') ?? 'STANDARD') === source.storageClass
  );
}

function directive(header: S3Request['header'], name: string): 'COPY' | 'REPLACE' {
  const value = header(name) ?? 'COPY';
  if (value === 'COPY' || value === 'REPLACE') return value;
  throw new S3Error('InvalidArgument', { message: `Unknown value of ${name}.` });
}
